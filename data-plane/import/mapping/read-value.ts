import { readPattern } from './pattern.js';
import type { ColumnSpec } from './schema.js';

/** A value as the text that Postgres reads, or what is wrong with the cell. */
export type ReadValue = { readonly text: string | null } | { readonly fault: string };

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(Z|[+-]\d{2}(?::?\d{2})?)?$/;
const WITH_POINT = /^[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?$/;
const WITH_COMMA = /^[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+)(?:,\d+)?$/;

/**
 * Reads a cell for a column of a type. White space around it does not count, and an empty cell has no value.
 *
 * @param zone of times that name none.
 */
export const readValue = (cell: string, spec: ColumnSpec, type: string, zone: string): ReadValue => {
  const trimmed = cell.trim();
  const given = trimmed === '' ? (spec.default ?? null) : trimmed;
  if (given === null) return { text: null };
  const mapped = spec.map === undefined ? given : spec.map.get(given);
  if (mapped === undefined) return { fault: 'has a value that the map has not' };
  if (mapped === null) return { text: null };
  if (type === 'date') return dateOf(mapped, spec);
  if (type.startsWith('timestamp')) return timeOf(mapped, spec, type, zone);
  if (spec.list !== undefined) return { text: listOf(mapped, spec.list) };
  if (spec.decimal !== undefined) return numberOf(mapped, spec.decimal);
  return { text: mapped };
};

const dateOf = (text: string, { date, time }: ColumnSpec): ReadValue => {
  const pattern = date ?? time ?? 'yyyy-MM-dd';
  const read = readPattern(pattern, text);
  if (read === undefined || (pattern === 'yyyy-MM-dd' && !DATE.test(text)))
    return { fault: `is not a date as ${pattern}` };
  return { text: read.date };
};

const timeOf = (text: string, { date, time }: ColumnSpec, type: string, zone: string): ReadValue => {
  const inZone = type === 'timestamp without time zone' ? '' : ` ${zone}`;
  const pattern = time ?? date;
  if (pattern !== undefined) {
    const read = readPattern(pattern, text);
    return read ? { text: `${read.date} ${read.time}${inZone}` } : { fault: `is not a time as ${pattern}` };
  }
  const read = TIME.exec(text);
  if (read === null) return { fault: 'is not a time as yyyy-MM-dd HH:mm, with or without an offset' };
  return { text: read[1] === undefined ? `${text.replace('T', ' ')}${inZone}` : text };
};

const listOf = (text: string, separator: string): string =>
  `{${text
    .split(separator)
    .map((part) => `"${part.trim().replace(/["\\]/g, '\\$&')}"`)
    .join(',')}}`;

const numberOf = (text: string, decimal: '.' | ','): ReadValue => {
  if (!(decimal === '.' ? WITH_POINT : WITH_COMMA).test(text))
    return { fault: `is not a number with "${decimal}" before its decimals` };
  return { text: decimal === '.' ? text.replaceAll(',', '') : text.replaceAll('.', '').replace(',', '.') };
};
