import type { ContextSubject } from '../../../data-plane/access/context-token.js';
import { countReached } from '../../attempt.js';
import type { Outcome } from '../case.js';
import type { Family } from '../family.js';
import { held, judgeNoRows, unproven } from '../judge.js';
import { asClinic, rolledBack, type Stage } from '../stage.js';

const scenario = 'side-door';
const NO_ROW = 'no row of another clinic';

/** A statement over one relation, whose boundary column is given, that returns a row for each row that it reaches. */
type Reads = (relation: string, boundary: string) => string;

/** Runs the statement over every readable relation that holds a row of the victim, all in one round trip. */
const readAll = async (
  stage: Stage,
  attacker: ContextSubject | null,
  victim: ContextSubject,
  reads: Reads,
  values: readonly unknown[],
): Promise<Map<string, Outcome>> => {
  const planted = await stage.once(`planted for ${victim.clinicId}`, () => plantedIn(stage, victim));
  const reached = await asClinic(stage, attacker, (client) =>
    countReached(
      client,
      stage.readable.map(({ name, boundary }) => ({ table: name, statement: reads(name, boundary) })),
      values,
    ),
  );
  return new Map(
    reached.map((result) => [
      result.table,
      planted.has(result.table)
        ? judgeNoRows(result)
        : unproven('no row of the victim could be planted there'),
    ]),
  );
};

/** Relations that hold a row of the clinic, as the administrator sees them: without one, an attempt proves nothing. */
const plantedIn = async (stage: Stage, { clinicId }: ContextSubject): Promise<ReadonlySet<string>> => {
  const reached = await rolledBack(stage.admin, () =>
    countReached(
      stage.admin,
      stage.readable.map(({ name, boundary }) => ({
        table: name,
        statement: `(SELECT 1 FROM ${name} WHERE ${boundary} = $1 LIMIT 1)`,
      })),
      [clinicId],
    ),
  );
  return new Set(
    reached.flatMap((result) => (result.sqlstate === undefined && result.rows > 0 ? [result.table] : [])),
  );
};

const relations = (stage: Stage): string[] => stage.readable.map(({ name }) => name);
const tables = (stage: Stage): string[] => stage.tables.map(({ name }) => name);

const one =
  (condition: (boundary: string) => string): Reads =>
  (relation, boundary) =>
    `(SELECT 1 FROM ${relation} WHERE ${condition(boundary)} LIMIT 1)`;

/** Ways to read another clinic's rows, each on every table and view that the application may read. */
export const ROW_READS: readonly Family[] = [
  {
    scenario,
    id: 'read-own',
    isolation: [1, 2],
    tried: (of) => `Reading the own rows of ${of}, to see that the attempts below could find something`,
    expected: 'the own rows',
    over: relations,
    attack: readOwn,
  },
  {
    scenario,
    id: 'read-without-clinic',
    isolation: [1, 2, 11],
    tried: (of) => `Reading ${of} as the application without having entered any clinic`,
    expected: 'no row at all',
    over: relations,
    attack: (stage) => readAll(stage, null, stage.b, (relation) => `(SELECT 1 FROM ${relation} LIMIT 1)`, []),
  },
  {
    scenario,
    id: 'read-others',
    isolation: [1, 2, 3, 17],
    tried: (of) => `Reading every row of ${of} that is not the own clinic's`,
    expected: NO_ROW,
    over: relations,
    // Two ranges, not <>: under a sound policy the index contradicts both at once, whatever the clinic's size.
    attack: (stage) =>
      readAll(
        stage,
        stage.a,
        stage.b,
        (relation, boundary) =>
          `${one(() => `${boundary} < $1`)(relation, boundary)} UNION ALL ${one(() => `${boundary} > $1`)(relation, boundary)}`,
        [stage.a.clinicId],
      ),
  },
  {
    scenario,
    id: 'read-by-id',
    isolation: [1, 2, 3, 17],
    tried: (of) => `Reading rows of ${of} by naming the id of another tenant's clinic`,
    expected: NO_ROW,
    over: relations,
    attack: (stage) =>
      readAll(
        stage,
        stage.a,
        stage.b,
        one((boundary) => `${boundary} = $1`),
        [stage.b.clinicId],
      ),
  },
  {
    scenario,
    id: 'read-branch',
    isolation: [37],
    tried: (of) => `Reading ${of} of another branch of the same tenant from the first branch`,
    expected: 'no row: a branch is a clinic of its own',
    over: relations,
    attack: (stage) =>
      readAll(
        stage,
        stage.a,
        stage.branch,
        one((boundary) => `${boundary} = $1`),
        [stage.branch.clinicId],
      ),
  },
  {
    scenario,
    id: 'read-back',
    isolation: [1, 2, 17],
    tried: (of) => `Reading rows of ${of} of the attacking clinic from the victim's side`,
    expected: NO_ROW,
    over: relations,
    attack: (stage) =>
      readAll(
        stage,
        stage.b,
        stage.a,
        one((boundary) => `${boundary} = $1`),
        [stage.a.clinicId],
      ),
  },
  {
    scenario,
    id: 'read-by-address',
    isolation: [1, 17],
    tried: (of) => `Reading rows of ${of} by their physical address instead of their key`,
    expected: NO_ROW,
    over: tables,
    attack: (stage) =>
      readTables(
        stage,
        (table) => `(SELECT 1 FROM ${table} WHERE ctid >= '(0,0)' AND clinic_id = $1 LIMIT 1)`,
      ),
  },
  {
    scenario,
    id: 'read-sample',
    isolation: [1, 17],
    tried: (of) => `Taking a random sample of all pages of ${of}`,
    expected: NO_ROW,
    over: tables,
    attack: (stage) =>
      readTables(
        stage,
        (table) => `(SELECT 1 FROM ${table} TABLESAMPLE SYSTEM (100) WHERE clinic_id = $1 LIMIT 1)`,
      ),
  },
  {
    scenario,
    id: 'lock-rows',
    isolation: [1, 17, 19],
    tried: (of) => `Locking another clinic's rows of ${of} (SELECT FOR UPDATE)`,
    expected: 'no row is found to lock, or locking is refused',
    over: tables,
    attack: (stage) =>
      readTables(stage, (table) => `(SELECT 1 FROM ${table} WHERE clinic_id = $1 LIMIT 1 FOR UPDATE)`),
  },
];

const readTables = async (
  stage: Stage,
  statement: (table: string) => string,
): Promise<Map<string, Outcome>> => {
  const reached = await asClinic(stage, stage.a, (client) =>
    countReached(
      client,
      tables(stage).map((table) => ({ table, statement: statement(table) })),
      [stage.b.clinicId],
    ),
  );
  return new Map(
    reached.map((result) => {
      const planted = stage.tables.find(({ name }) => name === result.table)?.keys.has(stage.b.clinicId);
      return [
        result.table,
        planted ? judgeNoRows(result) : unproven('no row of the victim could be planted there'),
      ];
    }),
  );
};

async function readOwn(stage: Stage): Promise<Map<string, Outcome>> {
  const reached = await asClinic(stage, stage.a, (client) =>
    countReached(
      client,
      stage.readable.map(({ name, boundary }) => ({
        table: name,
        statement: `(SELECT 1 FROM ${name} WHERE ${boundary} = $1 LIMIT 1)`,
      })),
      [stage.a.clinicId],
    ),
  );
  return new Map(
    reached.map((result) => [
      result.table,
      result.sqlstate === undefined && result.rows > 0
        ? held('the own rows')
        : unproven('the own rows are not visible either'),
    ]),
  );
}
