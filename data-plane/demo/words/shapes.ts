import type { Vertical } from '../../../manifest/dimensions/compliance.js';

/** What names of one language are made of. */
export interface NameWords {
  readonly female: readonly string[];
  readonly male: readonly string[];
  readonly family: readonly string[];
}

/** What medical histories of one language are made of. */
export interface HistoryWords {
  readonly background: readonly string[];
  readonly findings: Readonly<Record<Vertical, readonly string[]>>;
  readonly addenda: readonly string[];
}

/** Who writes, and the text with its places: {name}, {service}, {clinic}, {day}, {time}. */
export type MessageTemplate = readonly [author: 'patient' | 'staff' | 'assistant', text: string];

/** What conversations of one language are made of. */
export interface MessageWords {
  readonly weekdays: readonly string[];
  readonly dialogues: readonly (readonly MessageTemplate[])[];
  /** What patients ask about their treatment, and the answer. */
  readonly questions: Readonly<Record<Vertical, readonly [question: string, answer: string]>>;
}
