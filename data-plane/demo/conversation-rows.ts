import { type OpenDay, slotIn } from './calendar.js';
import type { ClinicContext } from './clinic-context.js';
import type { Patient } from './people.js';
import type { RowBatch } from './rows.js';
import { MESSAGES } from './words/messages.js';
import type { MessageTemplate } from './words/shapes.js';

const MINUTE_MS = 60_000;

/** A conversation of the patient with the clinic, in the patient's language. */
export const addConversation = (
  context: ClinicContext,
  batch: RowBatch,
  patient: Patient,
  day: OpenDay,
): void => {
  const { random } = context;
  const id = context.nextId();
  let sentMs = slotIn(day, 30, random).getTime();
  context.add(batch, 'conversations', id, {
    patient_id: patient.id,
    channel: random.pick(['whatsapp', 'whatsapp', 'whatsapp', 'web', 'sms', 'email']),
    opened_at: new Date(sentMs),
  });
  const words = placesOf(context, patient);
  for (const [author, template] of dialogueOf(context, patient)) {
    const messageId = context.nextId();
    const text = template.replace(/\{(\w+)\}/g, (place, name: string) => words[name] ?? place);
    context.add(batch, 'messages', messageId, {
      conversation_id: id,
      author,
      body_sealed: context.seal('messages', 'body_sealed', messageId, text),
      sent_at: new Date(sentMs),
    });
    sentMs += random.between(1, 7) * MINUTE_MS;
  }
};

/** A dialogue of the front desk, or a question about the vertical's treatments. */
const dialogueOf = ({ random, vertical }: ClinicContext, patient: Patient): readonly MessageTemplate[] => {
  const words = MESSAGES[patient.language];
  if (random.chance(0.6)) return random.pick(words.dialogues);
  const [question, answer] = words.questions[vertical];
  return [
    ['patient', question],
    ['staff', answer],
  ];
};

const placesOf = (context: ClinicContext, patient: Patient): Readonly<Record<string, string>> => {
  const { random } = context;
  const service = random.pick(context.services).name[patient.language];
  return {
    name: patient.givenName,
    clinic: context.clinic.name,
    service: service.charAt(0).toLowerCase() + service.slice(1),
    day: random.pick(MESSAGES[patient.language].weekdays),
    time: `${random.between(9, 17)}:${random.pick(['00', '15', '30', '45'])}`,
  };
};
