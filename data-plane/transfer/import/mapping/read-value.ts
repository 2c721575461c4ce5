import { cellDamage } from './cell-damage.js';
import { readDate, readTime } from './read-date.js';
import { isNumeric, readNumber } from './read-number.js';
import type { ReadResult } from './read-result.js';
import type { ColumnSpec } from './schema.js';

/**
 * Reads a cell for a column of a type. White space around it does not count, and an empty cell has no value.
 *
 * @param type as format_type names it.
 * @param zone of times that name none.
 */
export const readValue = (cell: string, spec: ColumnSpec, type: string, zone: string): ReadResult => {
  const trimmed = cell.trim();
  const given = trimmed === '' ? (spec.default ?? null) : trimmed;
  if (given === null) return { text: null };
  if (spec.map !== undefined) {
    const mapped = spec.map.get(given.normalize('NFC'));
    if (mapped === undefined) return { fault: 'has a value that the map has not' };
    return mapped === null ? { text: null } : typed(mapped, spec, type, zone);
  }
  const fault = trimmed === '' ? undefined : (cellDamage(cell) ?? lengthFault(trimmed, spec));
  return fault === undefined ? typed(given, spec, type, zone) : { fault };
};

/** Of a column whose texts all have one length: a spreadsheet takes the zeros that numbers begin with. */
export const lengthFault = (text: string, { length }: Pick<ColumnSpec, 'length'>): string | undefined =>
  length === undefined || [...text].length === length
    ? undefined
    : `has not the ${length} characters that the mapping says: did it lose zeros at its beginning?`;

const typed = (text: string, spec: ColumnSpec, type: string, zone: string): ReadResult => {
  if (type === 'date') return readDate(text, spec);
  if (type.startsWith('timestamp')) return readTime(text, spec, type, zone);
  if (spec.list !== undefined) return readList(text, spec.list, spec, type.replace(/\[\]$/, ''));
  return isNumeric(type) ? readNumber(text, type, spec) : { text };
};

const readList = (text: string, separator: string, spec: ColumnSpec, type: string): ReadResult => {
  const parts: string[] = [];
  for (const part of text.split(separator)) {
    const read = isNumeric(type) ? readNumber(part.trim(), type, spec) : { text: part.trim() };
    if ('fault' in read) return read;
    parts.push(`"${read.text.replace(/["\\]/g, '\\$&')}"`);
  }
  return { text: `{${parts.join(',')}}` };
};
