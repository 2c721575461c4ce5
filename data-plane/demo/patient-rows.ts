import { dayBetween, type OpenDay, slotIn } from './calendar.js';
import type { ClinicContext } from './clinic-context.js';
import { addConversation } from './conversation-rows.js';
import { languageIn, type Patient, personOf } from './people.js';
import type { RowBatch } from './rows.js';
import { addQueuedVisit, addVisit } from './visit-rows.js';
import { HISTORIES } from './words/histories.js';

/** Patients of a clinic who wait, or are with somebody, today. */
const QUEUE_LENGTH = 9;
const MINUTE_MS = 60_000;

/**
 * One patient with everything that follows, about ten rows.
 *
 * @param position which of the clinic's `total` patients, from 0: the first ones came two years ago.
 */
export const addPatient = (
  context: ClinicContext,
  batch: RowBatch,
  position: number,
  total: number,
): void => {
  const { random } = context;
  const patient = addProfile(context, batch, position, total);
  const past = random.pick([0, 1, 1, 1, 2]);
  for (let made = 0; made < past; made++) addPastAppointment(context, batch, patient);
  if (random.chance(0.2)) addComingAppointment(context, batch, patient);
  if (random.chance(0.35)) {
    const day = pastDay(context, patient);
    addVisit(context, batch, { patient, day, startedAt: slotIn(day, 20, random), appointment: null });
  }
  if (position < QUEUE_LENGTH) addQueuedVisit(context, batch, patient, position);
  if (random.chance(0.65)) addConversation(context, batch, patient, pastDay(context, patient));
};

const pastDay = ({ calendar, random }: ClinicContext, patient: Patient): OpenDay =>
  dayBetween(calendar, patient.since, calendar.todayIndex - 1, random);

const addProfile = (context: ClinicContext, batch: RowBatch, position: number, total: number): Patient => {
  const { calendar, figures, index, random, vertical } = context;
  const since = Math.floor((calendar.todayIndex * (position + 0.5)) / total);
  const day = dayBetween(calendar, since, since, random);
  const createdAt = slotIn(day, 15, random);
  const language = languageIn(context.place, random);
  const person = personOf(language, context.place, vertical, createdAt, random);
  const id = context.nextId();
  const words = HISTORIES[language];
  const history = `${random.pick(words.background)}\n${random.pick(words.findings[vertical])}`;
  context.add(batch, 'patients', id, {
    patient_name_sealed: context.seal('patients', 'patient_name_sealed', id, person.name),
    patient_name_index: index.name(person.name),
    phone_sealed: context.seal('patients', 'phone_sealed', id, person.phone),
    phone_index: index.phone(person.phone),
    medical_history_sealed: context.seal('patients', 'medical_history_sealed', id, history),
    birth_date: person.birthDate,
    locale: language,
    created_at: createdAt,
  });
  context.add(batch, 'audit_events', context.nextId(), {
    at: createdAt,
    actor: random.pick(context.doctors).actor,
    action: 'patient.created',
    subject: `patient:${id}`,
    detail: '{}',
  });
  figures.count(day.date, 'new_patients');
  return { ...person, id, language, since };
};

const addPastAppointment = (context: ClinicContext, batch: RowBatch, patient: Patient): void => {
  const { figures, random } = context;
  const service = random.pick(context.services);
  const doctor = random.pick(context.doctors);
  const day = pastDay(context, patient);
  const startedAt = slotIn(day, service.durationMinutes, random);
  const outcome = random.between(1, 100);
  const status = outcome <= 82 ? 'done' : outcome <= 90 ? 'no_show' : 'canceled';
  const id = context.nextId();
  context.add(batch, 'appointments', id, {
    patient_id: patient.id,
    staff_id: doctor.id,
    service_id: service.id,
    starts_at: startedAt,
    duration_minutes: service.durationMinutes,
    status,
  });
  figures.count(day.date, 'appointments');
  if (status === 'no_show') figures.count(day.date, 'no_shows');
  if (status === 'done') {
    const late = new Date(startedAt.getTime() + random.between(0, 9) * MINUTE_MS);
    addVisit(context, batch, { patient, day, startedAt: late, appointment: { id, doctor, service } });
  }
};

const addComingAppointment = (context: ClinicContext, batch: RowBatch, patient: Patient): void => {
  const { calendar, figures, random } = context;
  const service = random.pick(context.services);
  const day = dayBetween(calendar, calendar.todayIndex, calendar.todayIndex + 30, random);
  context.add(batch, 'appointments', context.nextId(), {
    patient_id: patient.id,
    staff_id: random.pick(context.doctors).id,
    service_id: service.id,
    starts_at: slotIn(day, service.durationMinutes, random),
    duration_minutes: service.durationMinutes,
    status: random.pick(['booked', 'confirmed']),
  });
  figures.count(day.date, 'appointments');
};
