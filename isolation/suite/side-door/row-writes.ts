import type pg from 'pg';
import { attempt, countReached } from '../../attempt.js';
import { insertCanary } from '../../canary.js';
import { type CanaryTable, parentValues } from '../canary-tables.js';
import type { Outcome } from '../case.js';
import { each, type Family } from '../family.js';
import { judgeNoRows, judgeRefusal, leaked, unproven } from '../judge.js';
import { asClinic, type Stage } from '../stage.js';

const scenario = 'side-door';

const tables = (stage: Stage): string[] => stage.tables.map(({ name }) => name);

const tableOf = (stage: Stage, name: string): CanaryTable => {
  const found = stage.tables.find((table) => table.name === name);
  if (found === undefined) throw new TypeError(`no table ${name}`);
  return found;
};

const reachAll = async (
  stage: Stage,
  statement: (table: string) => string,
): Promise<Map<string, Outcome>> => {
  const reached = await asClinic(stage, stage.a, (client) =>
    countReached(
      client,
      stage.tables.map(({ name }) => ({ table: name, statement: statement(name) })),
      [stage.b.clinicId],
    ),
  );
  return new Map(
    reached.map((result) => [
      result.table,
      tableOf(stage, result.table).keys.has(stage.b.clinicId)
        ? judgeNoRows(result)
        : unproven('no row of the victim could be planted there'),
    ]),
  );
};

/**
 * A refusal counts only when the same statement passes for the own clinic, or when the application has no right to it at
 * all. Otherwise something other than the boundary may have refused it.
 */
const refusedForOthersOnly = async (
  stage: Stage,
  table: CanaryTable,
  statement: (clinic: Stage['a']) => string,
): Promise<Outcome> =>
  asClinic(stage, stage.a, async (client) => {
    const foreign = judgeRefusal(await attempt(client, statement(stage.b), [stage.b.clinicId]));
    if (foreign.verdict !== 'held') return foreign;
    const own = await attempt(client, statement(stage.a), [stage.a.clinicId]);
    if (own.sqlstate === undefined || own.sqlstate.startsWith('23')) return foreign;
    return (await mayInsert(stage, table))
      ? unproven('the same for the own clinic is refused too, so the refusal shows nothing')
      : foreign;
  });

const mayInsert = async (stage: Stage, table: CanaryTable): Promise<boolean> => {
  const { rows } = await stage.admin.query<{ may: boolean }>(
    `SELECT has_table_privilege('ringfence_app', $1::regclass, 'INSERT') AS may`,
    [table.name],
  );
  return rows[0]?.may === true;
};

/** Ways to change, add or remove another clinic's rows, each on every tenant table. */
export const ROW_WRITES: readonly Family[] = [
  {
    scenario,
    id: 'update-others',
    isolation: [1, 2, 17],
    tried: (of) => `Changing another clinic's rows of ${of}`,
    expected: 'no row is changed',
    over: tables,
    attack: (stage) =>
      reachAll(
        stage,
        (table) => `UPDATE ${table} SET clinic_id = clinic_id WHERE clinic_id = $1 RETURNING 1`,
      ),
  },
  {
    scenario,
    id: 'delete-others',
    isolation: [1, 2, 17],
    tried: (of) => `Deleting another clinic's rows of ${of}`,
    expected: 'no row is deleted',
    over: tables,
    attack: (stage) => reachAll(stage, (table) => `DELETE FROM ${table} WHERE clinic_id = $1 RETURNING 1`),
  },
  {
    scenario,
    id: 'insert-for-others',
    isolation: [1, 2, 17],
    tried: (of) => `Adding a row to ${of} in another clinic's name`,
    expected: 'refused by the policy, before any constraint is looked at',
    over: tables,
    attack: (stage) =>
      each(tables(stage), async (name) => {
        const table = tableOf(stage, name);
        return refusedForOthersOnly(stage, table, (clinic) =>
          insertCanary(stage.first, table, '$1::uuid', { given: parentValues(stage.tables, table, clinic) }),
        );
      }),
  },
  {
    scenario,
    id: 'give-away',
    isolation: [1, 2, 17],
    tried: (of) => `Moving the own rows of ${of} into another clinic`,
    expected: 'refused by the policy',
    over: tables,
    attack: (stage) => each(tables(stage), (name) => giveAway(stage, tableOf(stage, name))),
  },
  {
    scenario,
    id: 'truncate',
    isolation: [4],
    tried: (of) => `Emptying ${of} for everybody (TRUNCATE, which no row policy covers)`,
    expected: 'refused',
    over: tables,
    attack: (stage) =>
      asClinic(stage, stage.a, (client) => each(tables(stage), (name) => truncate(client, name))),
  },
];

const giveAway = (stage: Stage, table: CanaryTable): Promise<Outcome> =>
  asClinic(stage, stage.a, async (client) => {
    const own = `UPDATE ${table.name} SET clinic_id = clinic_id WHERE clinic_id = $1 RETURNING 1`;
    const control = await attempt(client, own, [stage.a.clinicId]);
    const moved = judgeRefusal(
      await attempt(client, `UPDATE ${table.name} SET clinic_id = $1 WHERE clinic_id = $2`, [
        stage.b.clinicId,
        stage.a.clinicId,
      ]),
    );
    if (moved.verdict !== 'held') return moved;
    if (control.sqlstate === undefined && control.rows.length === 0)
      return unproven('the attacker has no row there that it could move');
    return control.sqlstate === '42501' && table.mayUpdate
      ? unproven('changing own rows is refused too, so the refusal shows nothing')
      : moved;
  });

/** A granted right is enough: emptying the table would lock out its tenants. */
const truncate = async (client: pg.ClientBase, table: string): Promise<Outcome> => {
  const { rows } = await client.query<{ may: boolean }>(`SELECT has_table_privilege($1, 'TRUNCATE') AS may`, [
    table,
  ]);
  return rows[0]?.may
    ? leaked('the right is granted')
    : judgeRefusal(await attempt(client, `TRUNCATE ${table}`));
};
