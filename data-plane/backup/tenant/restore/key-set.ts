import type pg from 'pg';
import { type BinaryRow, keepRows } from '../binary-rows.js';
import { copyOut } from '../copy.js';
import type { RowFilter } from '../section-rows.js';

/** Types whose values are equal when and only when COPY BINARY writes the same bytes, of a fixed length. */
const COMPARABLE = new Set([
  'uuid',
  'smallint',
  'integer',
  'bigint',
  'boolean',
  'date',
  'timestamp without time zone',
  'timestamp with time zone',
]);

/** More keys than this cost more to look up than the rows that they would leave out cost to load. */
const KEYS_MAX = 50_000;
const SLOTS = 1 << 16;

export const isComparable = (type: string | undefined): boolean => COMPARABLE.has(type ?? '');

/**
 * Reads keys, and makes a filter of rows that have one of them.
 *
 * @param query a SELECT of key columns, all of comparable types.
 * @param fields where a row has these columns, in their order.
 * @returns undefined when there are too many.
 */
export const rowsWithKeys = async (
  client: pg.ClientBase,
  query: string,
  fields: readonly number[],
): Promise<RowFilter | undefined> => {
  const keys = new Set<string>();
  const slots = new Uint8Array(SLOTS);
  const columns = fields.map((_, at) => at);
  const last = fields.at(-1) ?? 0;
  const { bytes } = copyOut(client, `${query} LIMIT ${KEYS_MAX + 1}`);
  const all = keepRows({ name: 'of keys', fields: fields.length, bytes }, (row) => {
    keys.add(keyOf(row, columns));
    slots[slotOf(row, columns.length - 1)] = 1;
    return false;
  });
  for await (const _ of all);
  if (keys.size > KEYS_MAX) return undefined;
  // Most rows are told apart by the last bytes of the last column, without making a string of the key.
  return (row) => slots[slotOf(row, last)] === 1 && keys.has(keyOf(row, fields));
};

const keyOf = (row: BinaryRow, fields: readonly number[]): string =>
  fields.map((field) => fieldBytes(row, field)).join('');

/** A field's bytes, one a character; empty for NULL. */
const fieldBytes = ({ bytes, starts, lengths }: BinaryRow, field: number): string => {
  const start = starts[field] ?? 0;
  return bytes.toString('latin1', start, start + Math.max(0, lengths[field] ?? 0));
};

/** By the last two bytes of a field. */
const slotOf = ({ bytes, starts, lengths }: BinaryRow, field: number): number => {
  const length = lengths[field] ?? 0;
  const end = (starts[field] ?? 0) + length;
  if (length < 1) return 0;
  return ((bytes[end - 1] ?? 0) | (length > 1 ? (bytes[end - 2] ?? 0) << 8 : 0)) & (SLOTS - 1);
};
