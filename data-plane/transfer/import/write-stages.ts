import pg from 'pg';
import type { Caller } from '../../../core/caller.js';
import { RingfenceError } from '../../../core/errors.js';
import { toldCaller } from '../../audit/told-caller.js';
import { columnList, quoted } from '../../backup/tenant/identifiers.js';
import type { Stage } from './staging/stage.js';

/** Rows that were added, by clinic and `schema.table`. */
export type AddedRows = ReadonlyMap<string, Readonly<Record<string, number>>>;

/**
 * Adds the staged rows, and tells the audit log of each clinic that got any.
 *
 * @throws RingfenceError conflict for a rule of the database that only an insert asks; quota_exceeded.
 */
export const writeStages = async (
  client: pg.ClientBase,
  stages: readonly Stage[],
  import_: {
    readonly tenantId: string;
    readonly detail: Readonly<Record<string, unknown>>;
    readonly caller?: Caller | undefined;
  },
): Promise<AddedRows> => {
  const added = new Map<string, Record<string, number>>();
  if (stages.length === 0) return added;
  for (const { at, clinicId, rows } of await insert(client, stages)) {
    const counts = added.get(clinicId) ?? {};
    const table = stages[at]?.table.name ?? '';
    added.set(clinicId, { ...counts, [table]: (counts[table] ?? 0) + rows });
  }
  await advanceSequences(client, stages);
  const { who, detail: told } = toldCaller(import_.caller);
  for (const [clinicId, rows] of added) {
    await client.query(
      `INSERT INTO clinical.audit_events (clinic_id, actor, action, subject, detail)
       VALUES ($1, coalesce('administrator:' || $3, ringfence_private.actor()), 'import', 'tenant', $2)`,
      [clinicId, { ...import_.detail, ...told, rows }, who],
    );
  }
  await assertWithinQuotas(client, import_.tenantId);
  return added;
};

const insert = async (
  client: pg.ClientBase,
  stages: readonly Stage[],
): Promise<{ at: number; clinicId: string; rows: number }[]> => {
  try {
    return (await client.query(insertStatement(stages))).rows;
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || !error.code?.startsWith('23')) throw error;
    throw new RingfenceError(
      'conflict',
      `the constraint ${error.constraint ?? error.column ?? '?'} of ${error.schema ?? '?'}.${error.table ?? '?'} does not take the rows`,
      { fix: 'correct the files by what the constraint says', cause: error },
    );
  }
};

/** The statement that adds what is left of the stages, in one: foreign keys are checked at its end. */
const insertStatement = (stages: readonly Stage[]): string => {
  const inserts = stages.map(({ table, typed, columns }, at) => {
    const list = columnList([
      'clinic_id',
      ...columns.flatMap(({ storedAs, sealed, index }) =>
        sealed && index ? [storedAs, index.column] : [storedAs],
      ),
    ]);
    return `i${at} AS (INSERT INTO ${table.quoted} (${list}) OVERRIDING SYSTEM VALUE SELECT ${list} FROM ${typed} RETURNING clinic_id)`;
  });
  const counts = stages.map((_, at) => `SELECT ${at} AS at, clinic_id FROM i${at}`);
  return `WITH ${inserts.join(',\n')}
    SELECT at, clinic_id AS "clinicId", count(*)::int AS rows FROM (${counts.join(' UNION ALL ')}) added GROUP BY at, clinic_id`;
};

/** Numbers that the database deals must not be those that came with the import. */
const advanceSequences = async (client: pg.ClientBase, stages: readonly Stage[]): Promise<void> => {
  for (const { table, typed, columns } of stages) {
    for (const { storedAs } of columns.filter((column) => table.defaults.has(column.storedAs))) {
      const { rows } = await client.query<{ sequence: string | null }>(
        'SELECT pg_get_serial_sequence($1, $2) AS sequence',
        [table.quoted, storedAs],
      );
      const sequence = rows[0]?.sequence ?? null;
      if (sequence === null) continue;
      await client.query(
        `SELECT setval($1, highest) FROM (SELECT max(${quoted(storedAs)}) AS highest FROM ${typed}) imported
          WHERE highest > (SELECT last_value FROM ${sequence})`,
        [sequence],
      );
    }
  }
};

/** Administrators are not held to quotas by the triggers, so the books are looked at once they are complete. */
const assertWithinQuotas = async (client: pg.ClientBase, tenantId: string): Promise<void> => {
  await client.query('SET CONSTRAINTS ALL IMMEDIATE');
  const { rows } = await client.query<{ what: string; limit: number; used: number }>(
    `SELECT what, allowed AS "limit", used
       FROM ringfence.quotas q JOIN ringfence_private.ledgers l USING (tenant_id)
      CROSS JOIN LATERAL (VALUES ('rows', q.rows::float8, l.rows::float8),
                                 ('storageBytes', q.storage_bytes::float8, l.storage_bytes::float8)) AS asked (what, allowed, used)
      WHERE tenant_id = $1 AND used > allowed`,
    [tenantId],
  );
  const [over] = rows;
  if (over === undefined) return;
  throw new RingfenceError(
    'quota_exceeded',
    `with the import the tenant would be over its quota ${over.what}: ${over.used} of ${over.limit}`,
    {
      fix: 'raise it with `ringfence quotas set`, or import less',
      quota: { ...over, resets: null },
    },
  );
};
