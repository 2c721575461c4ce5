import type pg from 'pg';
import type { SuiteCase } from '../case.js';
import { held, leaked, unproven } from '../judge.js';
import { enter, type Stage } from '../stage.js';

/** After five executions Postgres may change to a plan for everybody. */
const EXECUTIONS = 8;
const MODES = ['auto', 'force_custom_plan', 'force_generic_plan'] as const;

const clinics = async (client: pg.ClientBase): Promise<string[]> =>
  (await client.query<{ id: string }>('EXECUTE canary_plan')).rows.map(({ id }) => id);

/**
 * Executes the plan for the given clinics in turn; null is no clinic. @returns the first foreign id, or the number of
 * executions that saw nothing.
 */
const takeTurns = async (
  stage: Stage,
  client: pg.Client,
  turns: ReadonlyArray<Stage['a'] | null>,
): Promise<{ foreign: boolean; blind: number }> => {
  let blind = 0;
  for (const clinic of turns) {
    await client.query('BEGIN');
    if (clinic !== null) await enter(stage, client, clinic);
    const ids = await clinics(client);
    await client.query('COMMIT');
    if (ids.some((id) => id !== clinic?.clinicId)) return { foreign: true, blind };
    if (clinic !== null && ids.length !== 1) blind += 1;
  }
  return { foreign: false, blind };
};

interface Preparation {
  readonly id: string;
  readonly tried: string;
  readonly by: (stage: Stage) => Stage['a'] | null;
  readonly turns: (stage: Stage) => ReadonlyArray<Stage['a'] | null>;
}

const PREPARATIONS: readonly Preparation[] = [
  {
    id: 'own-then-other',
    tried: 'prepared and executed by one tenant, then executed by another',
    by: ({ a }) => a,
    turns: ({ a, b }) => [...Array<Stage['a']>(EXECUTIONS).fill(a), ...Array<Stage['a']>(EXECUTIONS).fill(b)],
  },
  {
    id: 'in-turns',
    tried: 'prepared by one tenant and executed by both in turns',
    by: ({ a }) => a,
    turns: ({ a, b }) => Array.from({ length: 2 * EXECUTIONS }, (_, at) => (at % 2 === 0 ? a : b)),
  },
  {
    id: 'then-nobody',
    tried: 'prepared and executed by a tenant, then executed without any context',
    by: ({ a }) => a,
    turns: ({ a }) => [...Array<Stage['a']>(EXECUTIONS).fill(a), null, null],
  },
  {
    id: 'by-nobody',
    tried: 'prepared without any context, then executed by both tenants',
    by: () => null,
    turns: ({ a, b }) => Array.from({ length: 2 * EXECUTIONS }, (_, at) => (at % 2 === 0 ? b : a)),
  },
];

const SOURCES = [
  ['clinics', 'SELECT id::text AS id FROM ringfence.clinics'],
  ['rows', (stage: Stage) => `SELECT DISTINCT clinic_id::text AS id FROM ${stage.tables[0]?.name}`],
  // A function of the database that reads the context must not be folded into the plan as a constant.
  ['function', `SELECT ringfence.current_clinic()::text AS id WHERE ringfence.current_clinic() IS NOT NULL`],
] as const;

/** Plans that outlive the tenant for whom they were made. */
export const PLANS: readonly SuiteCase[] = PREPARATIONS.flatMap(({ id, tried, by, turns }) =>
  MODES.flatMap((mode) =>
    SOURCES.map(([source, sql]) => ({
      id: `crossed-wires/plan/${id}/${mode.replaceAll('_', '-')}/${source}`,
      isolation: [10],
      tried: `A statement over ${source === 'function' ? 'the function that tells the clinic' : `the ${source} of a clinic`} that was ${tried} (plan_cache_mode = ${mode})`,
      expected: 'each execution sees the clinic of its own transaction',
      run: async (stage: Stage) => {
        const client = stage.first;
        try {
          await client.query(`SET plan_cache_mode = ${mode}; BEGIN`);
          const preparer = by(stage);
          if (preparer !== null) await enter(stage, client, preparer);
          await client.query(`PREPARE canary_plan AS ${typeof sql === 'string' ? sql : sql(stage)}`);
          await client.query('COMMIT');
          const { foreign, blind } = await takeTurns(stage, client, turns(stage));
          if (foreign) return leaked('an execution saw another clinic');
          return blind === 0
            ? held(`${turns(stage).length} executions, each with its own clinic`)
            : unproven(`${blind} executions did not see their own clinic either`);
        } finally {
          await client.query('ROLLBACK').catch(() => undefined);
          await client.query('DISCARD ALL');
        }
      },
    })),
  ),
);
