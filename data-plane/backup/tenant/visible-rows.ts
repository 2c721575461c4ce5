import type pg from 'pg';
import { RingfenceError } from '../../../core/errors.js';
import { type ContextKey, signContextToken } from '../../access/context-token.js';
import type { BackupTable } from './catalogue.js';
import type { TableDigest } from './digest.js';

/** Rows by table (`schema.table`). */
type RowCounts = ReadonlyMap<string, number>;

/** A tenant's clinics by whether an application may enter them. */
interface ActiveClinics {
  readonly active: readonly string[];
  /** Closed clinics, those whose subscription has ended, and all of a suspended or archived tenant: nobody enters. */
  readonly hidden: readonly string[];
}

export const readActiveClinics = async (client: pg.ClientBase, tenantId: string): Promise<ActiveClinics> => {
  const { rows } = await client.query<{ id: string; open: boolean }>(
    `SELECT c.id, coalesce(bool_or(d.open AND d.readable_until > clock_timestamp()), false) AS open
       FROM ringfence.clinics c LEFT JOIN ringfence_private.doors d ON d.clinic_id = c.id
      WHERE c.tenant_id = $1 GROUP BY c.id ORDER BY c.id`,
    [tenantId],
  );
  const ids = (open: boolean): string[] => rows.filter((row) => row.open === open).map((row) => row.id);
  return { active: ids(true), hidden: ids(false) };
};

/** Counts every table in one statement; `where` is SQL of ours. */
const countTables = async (
  client: pg.ClientBase,
  tables: readonly BackupTable[],
  where: string,
  values: readonly unknown[],
): Promise<RowCounts> => {
  if (tables.length === 0) return new Map();
  const counts = tables.map(
    (table, at) => `SELECT ${at} AS at, count(*)::text AS rows FROM ${table.quoted} ${where}`,
  );
  const { rows } = await client.query<{ at: number; rows: string }>(counts.join(' UNION ALL '), [...values]);
  return new Map(rows.map((row) => [tables[row.at]?.name ?? '', Number(row.rows)]));
};

/** Counts these clinics' rows as an administrator. */
export const countClinics = (
  client: pg.ClientBase,
  tables: readonly BackupTable[],
  clinicIds: readonly string[],
): Promise<RowCounts> => countTables(client, tables, 'WHERE clinic_id = ANY ($1::uuid[])', [clinicIds]);

/**
 * What the application counts under row-level security, entering clinic after clinic in the same snapshot. One
 * transaction a clinic, because `ringfence.enter` works once in each.
 *
 * @param app the application's login, outside a transaction.
 * @param snapshot exported by a transaction that stays open meanwhile.
 */
export const countVisible = async (
  app: pg.ClientBase,
  options: {
    readonly tables: readonly BackupTable[];
    readonly tenantId: string;
    readonly clinicIds: readonly string[];
    readonly snapshot: string;
    readonly contextKey: ContextKey;
    readonly now: () => Date;
  },
): Promise<RowCounts> => {
  const { tables, tenantId, contextKey, now } = options;
  const { rows } = await app.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const backendPid = rows[0]?.pid ?? 0;
  const sums = new Map<string, number>();
  for (const clinicId of options.clinicIds) {
    const token = signContextToken({ tenantId, clinicId }, { key: contextKey, backendPid, now: now() });
    await app.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await app.query(`SET TRANSACTION SNAPSHOT ${app.escapeLiteral(options.snapshot)}`);
    await app.query('SELECT ringfence.enter($1)', [token]);
    for (const [table, count] of await countTables(app, tables, '', []))
      sums.set(table, (sums.get(table) ?? 0) + count);
    await app.query('COMMIT');
  }
  return sums;
};

/**
 * Compares what was backed up with what administrators and the tenant see.
 *
 * @throws RingfenceError backup_empty when one side saw nothing at all of a table, else backup_refused.
 */
export const assertSameRows = (
  copied: readonly TableDigest[],
  visible: RowCounts,
  hidden: RowCounts,
): void => {
  for (const { table, rows } of copied) {
    const expected = (visible.get(table) ?? 0) + (hidden.get(table) ?? 0);
    if (rows === expected) continue;
    throw new RingfenceError(
      rows === 0 || expected === 0 ? 'backup_empty' : 'backup_refused',
      `the backup has ${rows} rows of ${table}, but its tenant has ${expected} there`,
      {
        fix: 'check the policies of the table with `ringfence isolation test`; nothing was kept of this backup',
      },
    );
  }
};
