import type { OpenDay } from './calendar.js';
import type { ClinicContext, Doctor } from './clinic-context.js';
import type { Patient } from './people.js';
import type { RowBatch } from './rows.js';
import { HISTORIES } from './words/histories.js';
import type { ServiceWords } from './words/services.js';
import { TREATMENTS } from './words/treatments.js';

/** A visit that took place. Without an appointment it was a walk-in. */
export interface Visit {
  readonly patient: Patient;
  readonly day: OpenDay;
  readonly startedAt: Date;
  readonly appointment: {
    readonly id: string;
    readonly doctor: Doctor;
    readonly service: ServiceWords;
  } | null;
}

const MINUTE_MS = 60_000;

/** A visit that is done, with its prescription, addenda and invoice where there are any. */
export const addVisit = (context: ClinicContext, batch: RowBatch, visit: Visit): void => {
  const { figures, random } = context;
  const { appointment, patient, startedAt } = visit;
  const doctor = appointment?.doctor ?? random.pick(context.doctors);
  const service = appointment?.service ?? random.pick(context.services);
  const finishedAt = new Date(startedAt.getTime() + service.durationMinutes * MINUTE_MS);
  const id = context.nextId();
  context.add(batch, 'visits', id, {
    patient_id: patient.id,
    staff_id: doctor.id,
    appointment_id: appointment?.id ?? null,
    status: 'DONE',
    started_at: startedAt,
    finished_at: finishedAt,
  });
  figures.count(visit.day.date, 'visits');
  if (random.chance(0.4)) addPrescription(context, batch, { visitId: id, patient, doctor, finishedAt });
  if (random.chance(0.75)) addInvoice(context, batch, visit, service, finishedAt);
};

/** A walk-in of today: the first two are with a doctor, the third with an assistant, the others wait. */
export const addQueuedVisit = (
  context: ClinicContext,
  batch: RowBatch,
  patient: Patient,
  place: number,
): void => {
  const { now, random } = context;
  const status = place < 2 ? 'WITH_DOCTOR' : place === 2 ? 'WITH_ASSISTANT' : 'WAITING';
  const startedAt = new Date(now.getTime() - random.between(3, 20) * MINUTE_MS);
  const doctor = random.pick(context.doctors);
  const id = context.nextId();
  context.add(batch, 'visits', id, {
    patient_id: patient.id,
    staff_id: doctor.id,
    appointment_id: null,
    status,
    started_at: status === 'WAITING' ? null : startedAt,
    finished_at: null,
  });
  if (status === 'WITH_DOCTOR') {
    addPrescription(context, batch, { visitId: id, patient, doctor, finishedAt: null });
  }
};

const addPrescription = (
  context: ClinicContext,
  batch: RowBatch,
  made: { visitId: string; patient: Patient; doctor: Doctor; finishedAt: Date | null },
): void => {
  const { random, vertical } = context;
  const { language } = made.patient;
  const id = context.nextId();
  const payload = JSON.stringify({ items: [random.pick(TREATMENTS[vertical])[language]] });
  context.add(batch, 'prescriptions', id, {
    visit_id: made.visitId,
    status: made.finishedAt === null ? 'draft' : 'final',
    payload_sealed: context.seal('prescriptions', 'payload_sealed', id, payload),
    finalised_at: made.finishedAt,
  });
  if (made.finishedAt === null) return;
  context.add(batch, 'audit_events', context.nextId(), {
    at: made.finishedAt,
    actor: made.doctor.actor,
    action: 'prescription.finalised',
    subject: `prescription:${id}`,
    detail: '{}',
  });
  if (!random.chance(0.15)) return;
  const addendumId = context.nextId();
  const note = random.pick(HISTORIES[language].addenda);
  context.add(batch, 'prescription_addenda', addendumId, {
    prescription_id: id,
    note_sealed: context.seal('prescription_addenda', 'note_sealed', addendumId, note),
    added_at: new Date(made.finishedAt.getTime() + random.between(30, 600) * MINUTE_MS),
  });
};

const addInvoice = (
  context: ClinicContext,
  batch: RowBatch,
  { patient, day }: Visit,
  service: ServiceWords,
  issuedAt: Date,
): void => {
  const { language, random } = context;
  const id = context.nextId();
  const lines = [{ text: service.name[language], amountEur: random.between(service.minEur, service.maxEur) }];
  if (random.chance(0.3))
    lines.push({ text: MATERIAL[language], amountEur: random.between(500, 4500) / 100 });
  const totalEur = lines.reduce((sum, { amountEur }) => sum + amountEur, 0);
  context.add(batch, 'invoices', id, {
    patient_id: patient.id,
    number: context.nextInvoiceNumber(day.date.slice(0, 4)),
    issued_at: issuedAt,
    total_eur: totalEur.toFixed(2),
    status: random.pick(['paid', 'paid', 'paid', 'paid', 'paid', 'paid', 'open', 'open', 'void']),
  });
  for (const { text, amountEur } of lines) {
    context.add(batch, 'invoice_lines', context.nextId(), {
      invoice_id: id,
      description: text,
      amount_eur: amountEur.toFixed(2),
    });
  }
  context.figures.count(day.date, 'invoiced_eur', totalEur);
};

const MATERIAL = { es: 'Material sanitario', ar: 'مستلزمات طبية', en: 'Medical supplies' } as const;
