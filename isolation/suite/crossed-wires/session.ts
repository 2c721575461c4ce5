import type { SuiteCase } from '../case.js';
import { held, leaked, unproven } from '../judge.js';
import { asClinic, type Stage } from '../stage.js';
import type { RefusedStatement } from '../statement.js';

/** Cases on everything that could carry rows from one tenant's transaction to another's. */
export const SESSION: readonly RefusedStatement[] = [
  {
    id: 'temp-table',
    isolation: [11, 14],
    tried: 'Keeping rows in a temporary table, which stays in the pooled session',
    sql: 'CREATE TEMP TABLE canary_t AS SELECT * FROM ringfence.clinics',
  },
  {
    id: 'temp-shadow',
    isolation: [11, 14],
    tried: "Hiding a real table behind a temporary one of the same name, to catch the next tenant's rows",
    sql: 'CREATE TEMP TABLE patients (LIKE clinical.patients)',
  },
  {
    id: 'select-into',
    isolation: [11, 14],
    tried: 'Keeping rows by SELECT INTO TEMP',
    sql: 'SELECT * INTO TEMP canary_t FROM ringfence.clinics',
  },
  {
    id: 'temp-view',
    isolation: [3, 11, 14],
    tried: 'Leaving a temporary view in the session',
    sql: 'CREATE TEMP VIEW canary_v AS SELECT * FROM ringfence.clinics',
  },
  {
    id: 'temp-sequence',
    isolation: [8, 11, 14],
    tried: 'Leaving a temporary sequence in the session',
    sql: 'CREATE TEMP SEQUENCE canary_s',
  },
  {
    id: 'temp-function',
    isolation: [10, 11],
    tried: 'Leaving a temporary function in the session',
    sql: `CREATE FUNCTION pg_temp.canary_f() RETURNS uuid LANGUAGE sql IMMUTABLE AS 'SELECT ringfence.current_clinic()'`,
  },
  {
    id: 'session-lock',
    isolation: [11, 19],
    tried: 'Leaving a lock in the session that outlives the transaction',
    sql: 'SELECT pg_advisory_lock(7)',
  },
];

/** Reads the setting only: Postgres asks for no right to park a transaction, and a parked one would stay. */
export const PARKED: SuiteCase = {
  id: 'crossed-wires/prepare-transaction',
  isolation: [11],
  tried: "Parking an open transaction in the attacker's context (PREPARE TRANSACTION)",
  expected: 'the server has no room for parked transactions',
  run: async (stage) => {
    const { rows } = await stage.first.query<{ max: string }>(
      `SELECT current_setting('max_prepared_transactions') AS max`,
    );
    return rows[0]?.max === '0'
      ? held('there is no room for any')
      : leaked(`there is room for ${rows[0]?.max}`);
  },
};

const PARALLEL = ['debug_parallel_query', 'force_parallel_mode'] as const;

/** Parallel workers take over the context of the session that starts them. */
export const WORKERS: readonly SuiteCase[] = (['with', 'without'] as const).map((kind) => ({
  id: `crossed-wires/parallel/${kind}-context`,
  isolation: [11],
  tried: `Reading in parallel workers of a session ${kind} a context`,
  expected: kind === 'with' ? 'the own rows only' : 'no row',
  run: (stage: Stage) =>
    asClinic(stage, kind === 'with' ? stage.a : null, async (client) => {
      const { rows: known } = await stage.admin.query<{ name: string }>(
        'SELECT name FROM pg_settings WHERE name = ANY ($1)',
        [PARALLEL],
      );
      if (!known[0]) return unproven('this server cannot be made to use workers');
      await client.query(`SET LOCAL ${known[0].name} = on`);
      const table = stage.tables.find(({ keys }) => keys.has(stage.b.clinicId) && keys.has(stage.a.clinicId));
      if (!table) return unproven('no row could be planted');
      const { rows } = await client.query<{ id: string }>(`SELECT clinic_id::text AS id FROM ${table.name}`);
      if (rows.some(({ id }) => id !== stage.a.clinicId || kind === 'without'))
        return leaked('rows of another clinic came back');
      if (kind === 'with' && rows.length === 0) return unproven('the own row did not come back either');
      return held(kind === 'with' ? 'the own rows only' : 'no row');
    }),
}));
