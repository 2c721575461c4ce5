import { RingfenceError } from '../../../core/errors.js';

/** A row by column; sealed columns under their plain names, as text. */
export type PlainRow = Readonly<Record<string, unknown>>;

/** @throws RingfenceError `usage` for what is no text, and so cannot be sealed. */
export const asText = (table: string, name: string, value: unknown): string => {
  if (typeof value === 'string') return value;
  throw new RingfenceError('usage', `${table}.${name} is sealed and takes text`);
};
