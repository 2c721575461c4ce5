import type { Vertical } from '../../../manifest/dimensions/compliance.js';

/** The parts of names in one language. */
export interface NameWords {
  readonly female: readonly string[];
  readonly male: readonly string[];
  readonly family: readonly string[];
}

/** The parts of medical histories in one language. */
export interface HistoryWords {
  readonly background: readonly string[];
  readonly findings: Readonly<Record<Vertical, readonly string[]>>;
  readonly addenda: readonly string[];
}

/** Who writes, and the text with its places: {name}, {service}, {clinic}, {day}, {time}. */
export type MessageTemplate = readonly [author: 'patient' | 'staff' | 'assistant', text: string];

/** The parts of conversations in one language. */
export interface MessageWords {
  readonly weekdays: readonly string[];
  readonly dialogues: readonly (readonly MessageTemplate[])[];
  /** What patients ask about their treatment, and the answer. */
  readonly questions: Readonly<Record<Vertical, readonly [question: string, answer: string]>>;
}
