import type pg from 'pg';
import type { BackupTable } from '../catalogue.js';
import { columnList } from '../identifiers.js';
import { LOG_TABLE } from './log-table.js';

/** Rows of one clinic that one kind of statement wrote in a table, as the audit log tells of them. */
export interface BookedWrites {
  readonly table: BackupTable;
  readonly clinicId: string;
  readonly action: 'insert' | 'update' | 'delete';
  readonly rows: number;
  /** By how much the rows grew. */
  readonly bytes: number;
  /** Primary keys without the clinic's id, up to `KEYS_MAX`. */
  readonly keys: readonly string[];
}

/**
 * The rows that one kind of statement wrote, for the audit log, and the number of those that were deleted to be inserted
 * again.
 */
export interface StatementWrites extends BookedWrites {
  readonly again: number;
}

/** As the trigger `ringfence_private.audit_write` keeps them. */
export const KEYS_MAX = 50;
const ROWS_DELTA = { insert: 1, update: 0, delete: -1 } as const;

/** The key of a row as events name it, as SQL. */
export const eventKey = ({ primaryKey }: BackupTable, alias: string): string => {
  const columns = primaryKey.filter((column) => column !== 'clinic_id');
  return columns.length === 0 ? `''` : `concat_ws('/', ${columnList(columns, alias)})`;
};

/** The bytes of a row as quotas count them, as SQL. */
export const rowBytes = ({ rowBytes: bytes }: BackupTable, alias: string): string =>
  `(SELECT (${bytes})::bigint FROM (SELECT ${alias}.*) n)`;

/**
 * Tells the audit log of what was written while its triggers were off, in the words of the trigger. When the
 * transaction commits, the events are chained and booked in the tenant's ledger.
 */
export const bookWrites = async (client: pg.ClientBase, writes: readonly BookedWrites[]): Promise<void> => {
  const booked = writes.filter(({ table, rows }) => table.name !== LOG_TABLE && rows > 0);
  await client.query(
    `INSERT INTO clinical.audit_events (clinic_id, actor, action, subject, detail)
     SELECT clinic_id, ringfence_private.actor(), action, subject, detail
       FROM unnest($1::uuid[], $2::text[], $3::text[], $4::jsonb[]) AS written (clinic_id, action, subject, detail)`,
    [
      booked.map(({ clinicId }) => clinicId),
      booked.map(({ action }) => action),
      booked.map(({ table }) => `${table.schema}.${table.table}`),
      booked.map(({ action, rows, bytes, keys }) =>
        JSON.stringify({ rows, rowsDelta: rows * ROWS_DELTA[action], bytesDelta: bytes, keys }),
      ),
    ],
  );
};
