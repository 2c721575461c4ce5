import type pg from 'pg';
import { RingfenceError } from '../../../core/errors.js';
import { quoted } from '../../backup/tenant/identifiers.js';
import { keyOrder } from '../../backup/tenant/sections.js';
import type { FieldPlace } from '../../keys/field-place.js';
import type { ExportTable } from './dictionary.js';
import { exactJson } from './exact-value.js';

/** Rows in memory at once. */
const BATCH_ROWS = 500;

/** The values of a row in the order of the table's columns, each as JSON; null for SQL NULL. */
export type JsonRow = readonly (string | null)[];

/** Opens an envelope of the clinic. */
export type Open = (place: FieldPlace, envelope: Buffer) => string;

/**
 * The rows of one clinic by primary key, a batch at a time, sealed fields opened.
 *
 * @param client in a transaction, with nothing else asked on it until the iteration has ended.
 * @throws RingfenceError envelope_refused, naming the place, for a field that `open` refuses.
 */
export async function* readRows(
  client: pg.ClientBase,
  table: ExportTable,
  clinicId: string,
  open: Open,
): AsyncGenerator<JsonRow[]> {
  const { source, sealed, description, kinds } = table;
  const values = description.columns.map(({ storedAs, encrypted }) =>
    encrypted ? quoted(storedAs) : exactJson(storedAs, kinds.get(storedAs) ?? 'plain'),
  );
  await client.query(
    `DECLARE exported NO SCROLL CURSOR FOR
       SELECT ${sealed ? `${sealed.key}::text` : 'NULL'}, ${values.join(', ')} FROM ${source.quoted}
        WHERE clinic_id = ${client.escapeLiteral(clinicId)}::uuid ORDER BY ${keyOrder(source)}`,
  );
  while (true) {
    const { rows } = await client.query<(string | Buffer | null)[]>({
      text: `FETCH ${BATCH_ROWS} FROM exported`,
      rowMode: 'array',
    });
    if (rows.length > 0) yield rows.map(([rowId, ...row]) => jsonRow(table, String(rowId), row, open));
    if (rows.length < BATCH_ROWS) break;
  }
  await client.query('CLOSE exported');
}

const jsonRow = (
  { source, description }: ExportTable,
  rowId: string,
  row: readonly (string | Buffer | null)[],
  open: Open,
): JsonRow =>
  row.map((value, at) => {
    if (value === null || typeof value === 'string') return value;
    const place = { table: source.name, column: description.columns[at]?.storedAs ?? '', rowId };
    return JSON.stringify(openAt(open, place, value));
  });

const openAt = (open: Open, place: FieldPlace, envelope: Buffer): string => {
  try {
    return open(place, envelope);
  } catch (error) {
    if (!(error instanceof RingfenceError)) throw error;
    throw new RingfenceError(
      error.code,
      `${place.table}.${place.column} of row ${place.rowId} does not open: ${error.message}`,
      {
        fix: 'bring the row back with `ringfence backups restore`, then export again',
        cause: error,
      },
    );
  }
};
