import pg from 'pg';
import { RingfenceError } from '../../../core/errors.js';
import { inTransaction } from '../../database/connect.js';
import type { BlindIndex } from '../blind-index.js';
import { encryptField, envelopeKeyVersion, type FieldKey } from '../field-envelope.js';
import type { FieldPlace } from '../field-place.js';
import { u32 } from '../length-prefixed.js';
import type { SealedTable } from './sealed-tables.js';

const BATCH_ROWS = 200;

/** The keys that open and seal the fields of one clinic. */
export interface ClinicKeys {
  readonly clinicId: string;
  readonly open: (place: FieldPlace, envelope: Buffer) => string;
  /** Of the new version. */
  readonly field: FieldKey;
  /** Of the new version. */
  readonly index: BlindIndex;
}

export interface Batch {
  /** The last row that was looked at; null when there was none left. */
  readonly lastRowId: string | null;
  readonly resealed: number;
  /** Rows that no version of the key opens; they stay as they are. */
  readonly refused: number;
}

type Row = Readonly<Record<string, Buffer | null>>;

/** SQL: the row has a field of an older version than the u32 in `parameter`. The version is bytes 1 to 4 of an envelope. */
export const isStale = ({ fields }: SealedTable, parameter: string): string =>
  `(${fields.map(({ column }) => `substring(${pg.escapeIdentifier(column)} FROM 2 FOR 4) < ${parameter}`).join(' OR ')})`;

/**
 * Seals the next stale rows of a clinic again, with their blind indexes, in one short transaction. Rows that somebody
 * is changing are passed over, and the others are locked from before they are read, so no change is lost.
 */
export const resealBatch = (
  client: pg.Client,
  table: SealedTable,
  keys: ClinicKeys,
  after: string | null,
): Promise<Batch> =>
  inTransaction(client, async () => {
    const columns = columnsOf(table);
    const { rows } = await client.query<Row & { row_id: string }>(
      `SELECT ${table.key}::text AS row_id, ${columns.map(pg.escapeIdentifier).join(', ')} FROM ${table.quoted}
        WHERE clinic_id = $1 AND ($2::text IS NULL OR ${table.key} > $2::text::${table.keyType})
          AND ${isStale(table, '$3')}
        ORDER BY ${table.key} LIMIT ${BATCH_ROWS} FOR NO KEY UPDATE SKIP LOCKED`,
      [keys.clinicId, after, u32(keys.field.keyVersion)],
    );
    const resealed = rows.flatMap(({ row_id: rowId, ...row }) => {
      const sealed = resealRow(table, keys, rowId, row);
      return sealed ? [{ rowId, row: sealed }] : [];
    });
    if (resealed.length > 0) {
      await client.query(updateOf(table, columns), [
        keys.clinicId,
        resealed.map(({ rowId }) => rowId),
        ...columns.map((column) => resealed.map(({ row }) => row[column] ?? null)),
      ]);
    }
    return {
      lastRowId: rows.at(-1)?.row_id ?? null,
      resealed: resealed.length,
      refused: rows.length - resealed.length,
    };
  });

/** The row with its stale fields sealed again, or undefined where an envelope is refused. */
const resealRow = (table: SealedTable, keys: ClinicKeys, rowId: string, row: Row): Row | undefined => {
  const sealed: Record<string, Buffer | null> = { ...row };
  try {
    for (const { column, index } of table.fields) {
      const envelope = row[column] ?? null;
      if (envelope === null || envelopeKeyVersion(envelope) >= keys.field.keyVersion) continue;
      const place = { table: table.name, column, rowId };
      const text = keys.open(place, envelope);
      sealed[column] = encryptField(keys.field, place, text);
      if (index !== null) sealed[index.column] = keys.index[index.kind](text);
    }
    return sealed;
  } catch (error) {
    if (error instanceof RingfenceError && error.code === 'envelope_refused') return undefined;
    throw error;
  }
};

const columnsOf = ({ fields }: SealedTable): string[] =>
  fields.flatMap(({ column, index }) => (index === null ? [column] : [column, index.column]));

const updateOf = ({ quoted, key, keyType }: SealedTable, columns: readonly string[]): string => {
  const names = columns.map(pg.escapeIdentifier);
  return `UPDATE ${quoted} AS live SET ${names.map((name) => `${name} = made.${name}`).join(', ')}
    FROM unnest($2::text[], ${names.map((_, at) => `$${at + 3}::bytea[]`).join(', ')}) AS made (row_id, ${names.join(', ')})
   WHERE live.clinic_id = $1 AND live.${key} = made.row_id::${keyType}`;
};
