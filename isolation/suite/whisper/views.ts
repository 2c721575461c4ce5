import { attempt } from '../../attempt.js';
import type { SuiteCase } from '../case.js';
import { held, judgeRefusal, leaked, unproven } from '../judge.js';
import { asClinic, backendPid, rolledBack, type Stage } from '../stage.js';
import type { RefusedStatement } from '../statement.js';

const refusedView = (
  id: string,
  isolation: readonly number[],
  tried: string,
  sql: string,
): RefusedStatement => ({
  id: `view/${id}`,
  isolation,
  tried,
  sql,
});

/** Views and functions of Postgres that tell of other sessions. */
export const VIEWS: readonly RefusedStatement[] = [
  refusedView('activity', [9], "Reading other sessions' statements", 'SELECT query FROM pg_stat_activity'),
  refusedView(
    'activity-function',
    [9],
    'The same by the function beneath',
    'SELECT * FROM pg_stat_get_activity(NULL)',
  ),
  refusedView(
    'backend-activity',
    [9],
    'The same for a single session',
    'SELECT pg_stat_get_backend_activity(1)',
  ),
  refusedView('locks', [19], "Reading other sessions' locks", 'SELECT * FROM pg_locks'),
  refusedView('lock-function', [19], 'The same by the function beneath', 'SELECT * FROM pg_lock_status()'),
  refusedView(
    'prepared',
    [11],
    "Reading other sessions' parked transactions",
    'SELECT * FROM pg_prepared_xacts',
  ),
  refusedView('cursors', [11], 'Reading which cursors the session has', 'SELECT * FROM pg_cursors'),
  refusedView(
    'prepared-statements',
    [9, 11],
    'Reading which statements others of the pool have prepared',
    'SELECT statement FROM pg_prepared_statements',
  ),
  refusedView(
    'prepared-function',
    [9, 11],
    'The same by the function beneath',
    'SELECT * FROM pg_prepared_statement()',
  ),
  refusedView('statistic', [8], "Reading the planner's raw statistics", 'SELECT * FROM pg_statistic'),
  refusedView(
    'statistic-extended',
    [8],
    "Reading the planner's combined statistics",
    'SELECT * FROM pg_statistic_ext_data',
  ),
  refusedView(
    'backend-client',
    [9],
    'Reading from where other sessions come',
    'SELECT pg_stat_get_backend_client_addr(1)',
  ),
];

/** Views that cannot be withheld: they must show nothing of the victim's. */
const OPEN_VIEWS = [
  'pg_stat_user_tables',
  'pg_stats',
  'pg_stats_ext',
  'pg_prepared_statements',
  'pg_sequences',
  'pg_settings',
  'pg_roles',
  'pg_stat_progress_copy',
  'pg_stat_replication',
  'pg_stat_ssl',
  'pg_stat_database',
  'pg_policies',
  'pg_description',
  'pg_seclabels',
];

const marked = (stage: Stage): string[] => [
  stage.b.marker,
  stage.b.clinicId,
  stage.b.clinicId.replaceAll('-', ''),
  stage.b.tenantId,
];

export const OPEN: readonly SuiteCase[] = OPEN_VIEWS.map((view) => ({
  id: `whisper/open-view/${view}`,
  isolation: [8, 9],
  tried: `Searching ${view} for anything of the victim's, while it works in another session`,
  expected: 'nothing',
  run: (stage) =>
    rolledBack(stage.second, async () => {
      // The victim at work: its values are literals of its session's last statement.
      await stage.second.query(`SELECT '${stage.b.marker}', '${stage.b.clinicId}'::uuid`);
      return asClinic(stage, stage.a, async (client) => {
        const conditions = marked(stage).map((mark) => `strpos(v::text, ${client.escapeLiteral(mark)}) > 0`);
        const searched = await attempt(client, `SELECT FROM ${view} AS v WHERE ${conditions.join(' OR ')}`);
        if (searched.sqlstate !== undefined) return judgeRefusal(searched);
        return searched.rows.length === 0 ? held('nothing') : leaked('something of the victim is there');
      });
    }),
}));

export const VOLUMES: readonly SuiteCase[] = [
  {
    id: 'whisper/sequence/readable',
    isolation: [8],
    tried: "Counting other tenants' rows by sequences that the application may read or draw from",
    expected: 'no such sequence',
    run: async (stage) => {
      const { rows } = await stage.admin.query<{ name: string }>(
        `SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE has_schema_privilege('ringfence_app', n.oid, 'USAGE')
            AND CASE WHEN c.relkind = 'S' THEN has_sequence_privilege('ringfence_app', c.oid, 'SELECT, USAGE, UPDATE') END`,
      );
      return rows.length === 0 ? held('none') : leaked(rows.map(({ name }) => name).join(', '));
    },
  },
  {
    id: 'whisper/volume/count',
    isolation: [8],
    tried: 'Counting rows of every clinic with aggregates',
    expected: 'counts of the own clinic only',
    run: async (stage) => {
      const [table] = stage.tables;
      if (!table) return unproven('there is no tenant table');
      const counted = (client: typeof stage.first, where = 'true') =>
        client.query<{ rows: number }>(`SELECT count(*)::int AS rows FROM ${table.name} WHERE ${where}`);
      const seen = await asClinic(stage, stage.a, (client) => counted(client));
      const own = await counted(stage.admin, `clinic_id = '${stage.a.clinicId}'`);
      return seen.rows[0]?.rows === own.rows[0]?.rows
        ? held('the own count')
        : leaked('other rows were counted');
    },
  },
  {
    id: 'whisper/transaction/xmin',
    isolation: [8],
    tried: 'Finding rows of others by who wrote them last (the hidden columns xmin and tableoid)',
    expected: 'own rows only',
    run: async (stage) => {
      const table = stage.tables.find(({ keys }) => keys.has(stage.b.clinicId));
      if (!table) return unproven('no row could be planted');
      const rows = await asClinic(
        stage,
        stage.a,
        async (client) =>
          (
            await client.query(
              `SELECT FROM ${table.name} WHERE xmin::text <> '0' AND tableoid > 0 AND clinic_id <> $1`,
              [stage.a.clinicId],
            )
          ).rowCount,
      );
      return rows === 0 ? held('own rows only') : leaked('rows of others came back');
    },
  },
];

const ROUNDS = 60;

const medianOf = (values: readonly number[]): number =>
  [...values].sort((x, y) => x - y)[values.length >> 1] ?? 0;

/**
 * Asks for a row of the victim and for one that nobody has, in turns. Only a difference that is large against the
 * spread, and long enough to be seen over a network, is told as a leak.
 */
const timed = (id: string, what: string, sql: (table: string) => string): SuiteCase => ({
  id: `whisper/timing/${id}`,
  isolation: [6, 9],
  tried: `Measuring whether ${what} takes another time for an id that another tenant uses, ${ROUNDS} times each`,
  expected: 'no difference that could be told apart from chance',
  run: async (stage) => {
    const table = stage.tables.find(({ keys, mayUpdate }) => mayUpdate && keys.has(stage.b.clinicId));
    if (!table) return unproven('no row could be planted');
    const samples = await asClinic(stage, stage.a, async (client) => {
      const taken: number[] = [];
      const missing: number[] = [];
      for (let round = 0; round < 2 * ROUNDS; round++) {
        const foreign = round % 2 === 0;
        const started = performance.now();
        await client.query(sql(table.name), [foreign ? stage.b.clinicId : stage.b.tenantId]);
        (foreign ? taken : missing).push(performance.now() - started);
      }
      return { taken, missing };
    });
    const [taken, missing] = [medianOf(samples.taken), medianOf(samples.missing)];
    const spread = medianOf(samples.missing.map((value) => Math.abs(value - missing)));
    const difference = Math.abs(taken - missing);
    const figures = `medians ${taken.toFixed(3)} and ${missing.toFixed(3)} ms`;
    return difference > 0.5 && difference > 8 * spread ? leaked(figures) : held(figures);
  },
});

export const TIMINGS: readonly SuiteCase[] = [
  timed('read', 'reading by id', (table) => `SELECT FROM ${table} WHERE clinic_id = $1`),
  timed('count', 'counting by id', (table) => `SELECT count(*) FROM ${table} WHERE clinic_id = $1`),
  timed('lock', 'locking by id', (table) => `SELECT FROM ${table} WHERE clinic_id = $1 FOR SHARE`),
];

/** The pid of a neighbour is of no use to a session. */
export const NEIGHBOUR: readonly SuiteCase[] = (
  [
    [
      'cancel',
      'Cancelling the statement of a session of the same login, by its number',
      'SELECT pg_cancel_backend($1)',
    ],
    ['end', 'Ending a session of the same login, by its number', 'SELECT pg_terminate_backend($1)'],
    [
      'statement',
      'Reading the last statement of a session of the same login',
      `SELECT pg_stat_get_backend_activity($1)`,
    ],
    [
      'memory',
      'Making a session of the same login write its memory use to the log',
      'SELECT pg_log_backend_memory_contexts($1)',
    ],
  ] as const
).map(([id, tried, sql]) => ({
  id: `whisper/neighbour/${id}`,
  isolation: [9, 19],
  tried,
  expected: 'refused',
  run: (stage) =>
    asClinic(stage, stage.a, async (client) => {
      const { sqlstate } = await attempt(client, sql, [backendPid(stage.second)]);
      if (sqlstate === undefined) return leaked('it was let through');
      return sqlstate === '42501'
        ? held('refused (SQLSTATE 42501)')
        : unproven(`ended with SQLSTATE ${sqlstate}`);
    }),
}));
