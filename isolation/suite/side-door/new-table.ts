import { attempt } from '../../attempt.js';
import type { Outcome, SuiteCase } from '../case.js';
import { held, judgeNoRows, judgeRefusal, leaked, unproven } from '../judge.js';
import { enter, rolledBack, type Stage } from '../stage.js';

const SCHEMA = 'canary_new';

/** The administrator makes, attacks and rolls back the table in one transaction: no other session sees it. */
const withNewTable = (
  stage: Stage,
  definition: string,
  attack: () => Promise<Outcome>,
  isReady: () => Promise<boolean> = async () => true,
): Promise<Outcome> =>
  rolledBack(stage.admin, async () => {
    const { admin, a, b } = stage;
    await admin.query(
      `CREATE SCHEMA ${SCHEMA}; GRANT USAGE ON SCHEMA ${SCHEMA} TO ringfence_app; ${definition}`,
    );
    await admin.query(
      `INSERT INTO ${SCHEMA}.t (clinic_id, id, day) VALUES ($1, $1, now()), ($2, $2, now())`,
      [a.clinicId, b.clinicId],
    );
    if (!(await isReady())) return unproven('there is nothing to find');
    await admin.query('SET LOCAL SESSION AUTHORIZATION ringfence_app');
    await enter(stage, admin, a);
    return attack();
  });

const TABLE = `CREATE TABLE ${SCHEMA}.t (clinic_id uuid NOT NULL, id uuid NOT NULL, day timestamptz NOT NULL, PRIMARY KEY (clinic_id, id, day))`;
const PARTITIONED = `${TABLE} PARTITION BY RANGE (day); CREATE TABLE ${SCHEMA}.t_all PARTITION OF ${SCHEMA}.t DEFAULT;
  SELECT ringfence.protect('${SCHEMA}.t')`;
const CHILD = `${TABLE}; CREATE TABLE ${SCHEMA}.t_child () INHERITS (${SCHEMA}.t); SELECT ringfence.protect('${SCHEMA}.t')`;

const foreignRows = async (stage: Stage, relation: string): Promise<Outcome> => {
  const attempted = await attempt(stage.admin, `SELECT FROM ${relation} WHERE clinic_id = $1`, [
    stage.b.clinicId,
  ]);
  if (attempted.sqlstate !== undefined) return judgeRefusal(attempted);
  return judgeNoRows({ rows: attempted.rows.length });
};

const ownRows = async (stage: Stage, relation: string): Promise<Outcome | undefined> => {
  const own = await attempt(stage.admin, `SELECT FROM ${relation}`);
  return own.sqlstate === undefined && own.rows.length === 1
    ? undefined
    : unproven('the own row is not seen either');
};

const newTable = (
  id: string,
  isolation: readonly number[],
  tried: string,
  expected: string,
  definition: string,
  attack: (stage: Stage) => Promise<Outcome>,
): SuiteCase => ({
  id: `side-door/new-table/${id}`,
  isolation,
  tried,
  expected,
  run: (stage) => withNewTable(stage, definition, () => attack(stage)),
});

/** Tables that a developer adds tomorrow, with and without protecting them. */
export const NEW_TABLES: readonly SuiteCase[] = [
  newTable(
    'forgotten',
    [2],
    'Reading a new table that nobody declared as a tenant table',
    'refused: new tables come without rights',
    TABLE,
    (stage) => foreignRows(stage, `${SCHEMA}.t`),
  ),
  newTable(
    'protected',
    [2],
    'Reading a new table after ringfence.protect()',
    'the own row only',
    `${TABLE}; SELECT ringfence.protect('${SCHEMA}.t')`,
    async (stage) => (await ownRows(stage, `${SCHEMA}.t`)) ?? foreignRows(stage, `${SCHEMA}.t`),
  ),
  newTable(
    'partitioned',
    [16],
    'Reading a new partitioned table through its parent',
    'the own row only',
    PARTITIONED,
    async (stage) => (await ownRows(stage, `${SCHEMA}.t`)) ?? foreignRows(stage, `${SCHEMA}.t`),
  ),
  newTable('partition', [16], 'Reading a partition of it directly', 'refused', PARTITIONED, (stage) =>
    foreignRows(stage, `${SCHEMA}.t_all`),
  ),
  newTable('child', [16], 'Reading a child table directly', 'refused', CHILD, (stage) =>
    foreignRows(stage, `${SCHEMA}.t_child`),
  ),
  newTable(
    'truncate',
    [4],
    'Emptying a new tenant table',
    'refused',
    `${TABLE}; SELECT ringfence.protect('${SCHEMA}.t')`,
    async (stage) => judgeRefusal(await attempt(stage.admin, `TRUNCATE ${SCHEMA}.t`)),
  ),
  newTable(
    'old-policies',
    [17],
    "Reading a new table whose author had added a policy for 'support'",
    'the own row only: protect() drops permissive policies',
    `${TABLE}; ALTER TABLE ${SCHEMA}.t ENABLE ROW LEVEL SECURITY; CREATE POLICY support ON ${SCHEMA}.t USING (true); SELECT ringfence.protect('${SCHEMA}.t')`,
    (stage) => foreignRows(stage, `${SCHEMA}.t`),
  ),
  newTable(
    'later-policy',
    [17],
    "Reading a tenant table to which a permissive policy for 'support' was added later",
    'the own row only: ours is restrictive',
    `${TABLE}; SELECT ringfence.protect('${SCHEMA}.t'); CREATE POLICY support ON ${SCHEMA}.t USING (true)`,
    (stage) => foreignRows(stage, `${SCHEMA}.t`),
  ),
  newTable(
    'old-grants',
    [4],
    'Emptying a new table whose author had granted everything to everybody',
    'refused: protect() takes such rights back',
    `${TABLE}; GRANT ALL ON ${SCHEMA}.t TO PUBLIC; SELECT ringfence.protect('${SCHEMA}.t')`,
    async (stage) => judgeRefusal(await attempt(stage.admin, `TRUNCATE ${SCHEMA}.t`)),
  ),
  newTable(
    'invoker-view',
    [3],
    'Reading a tenant table through a view with security_invoker',
    'the own row only',
    `${TABLE}; SELECT ringfence.protect('${SCHEMA}.t'); CREATE VIEW ${SCHEMA}.v WITH (security_invoker) AS SELECT * FROM ${SCHEMA}.t; GRANT SELECT ON ${SCHEMA}.v TO ringfence_app`,
    async (stage) => (await ownRows(stage, `${SCHEMA}.v`)) ?? foreignRows(stage, `${SCHEMA}.v`),
  ),
  {
    id: 'side-door/new-table/statistics',
    isolation: [8, 9],
    tried: "Reading samples of other clinics' values from the planner's statistics of a tenant table",
    expected: 'no sample, where the administrator sees some',
    run: async (stage) => {
      const samples = `SELECT FROM pg_stats WHERE schemaname = '${SCHEMA}'`;
      return withNewTable(
        stage,
        `${TABLE}; SELECT ringfence.protect('${SCHEMA}.t')`,
        async () => {
          const attempted = await attempt(stage.admin, samples);
          if (attempted.sqlstate !== undefined) return judgeRefusal(attempted);
          return attempted.rows.length === 0 ? held('no sample') : leaked('samples are readable');
        },
        async () => {
          await stage.admin.query(`ANALYZE ${SCHEMA}.t`);
          return (await stage.admin.query(samples)).rowCount !== 0;
        },
      );
    },
  },
  {
    id: 'side-door/new-table/found-by-lint',
    isolation: [2],
    tried: 'Adding a table without protecting it, and asking the schema lint',
    expected: 'the lint names it',
    run: (stage) =>
      rolledBack(stage.admin, async () => {
        await stage.admin.query(`CREATE SCHEMA ${SCHEMA}; ${TABLE}`);
        const { lintSchema } = await import('../../../data-plane/database/lint/lint-schema.js');
        const named = (await lintSchema(stage.admin)).some(
          ({ rule, object }) => rule === 'unknown-table' && object === `${SCHEMA}.t`,
        );
        return named ? held('the lint names it') : leaked('the lint says nothing of it');
      }),
  },
];
