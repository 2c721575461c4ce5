import { type Attempted, attempt, countReached } from '../../attempt.js';
import { insertCanary } from '../../canary.js';
import { canaryId } from '../canary-ids.js';
import { type CanaryTable, parentValues } from '../canary-tables.js';
import type { Outcome } from '../case.js';
import { each, type Family } from '../family.js';
import { held, judgeRefusal, leaked, unproven } from '../judge.js';
import { asClinic, type Stage } from '../stage.js';

const scenario = 'whisper';
const tables = (stage: Stage): string[] => stage.tables.map(({ name }) => name);

const tableOf = (stage: Stage, name: string): CanaryTable => {
  const found = stage.tables.find((table) => table.name === name);
  if (found === undefined) throw new TypeError(`no table ${name}`);
  return found;
};

/** The content of an answer, without ids and marks of the question. */
const answer = (attempted: Attempted, question: readonly string[]): string => {
  if (attempted.sqlstate === undefined) return `${attempted.rows.length} rows`;
  const { sqlstate, error } = attempted;
  const { message, detail, hint, constraint } = error as Error &
    Record<'detail' | 'hint' | 'constraint', string>;
  let text = [sqlstate, message, detail, hint, constraint].join('\n');
  for (const part of question) text = text.replaceAll(part, '?');
  return text;
};

const shows = (attempted: Attempted, stage: Stage): boolean => {
  const text = answer(attempted, []);
  return text.includes(stage.b.marker) || text.includes(stage.b.tenantId);
};

/** Columns of the key that the attacker can choose, quoted, with a value for each. */
const keyValues = (table: CanaryTable, clinicId: string): Record<string, string> | undefined =>
  table.keys.get(clinicId);

/** Tables whose key the attacker can choose: a single uuid besides clinic_id. */
const keyed = (stage: Stage): string[] =>
  stage.tables
    .filter((table) => {
      const key = keyValues(table, stage.b.clinicId);
      return key === undefined || uuidKey(table, key) !== undefined;
    })
    .map(({ name }) => name);

const uuidKey = (table: CanaryTable, key: Record<string, string>): string | undefined =>
  table.keyColumns.length === 1 && /^[0-9a-f-]{36}$/.test(key[table.keyColumns[0] ?? ''] ?? '')
    ? table.keyColumns[0]
    : undefined;

const given = (
  stage: Stage,
  table: CanaryTable,
  clinic: Stage['a'],
  key: Record<string, string>,
): Record<string, string> => ({
  ...parentValues(stage.tables, table, clinic),
  ...Object.fromEntries(
    Object.entries(key).map(([column, value]) => [
      table.columns.find((quoted) => quoted === column || quoted === stage.first.escapeIdentifier(column)) ??
        column,
      stage.first.escapeLiteral(value),
    ]),
  ),
});

/** The same statement with a key that the victim has and with one that nobody has must get the same answer. */
const compare = async (
  stage: Stage,
  table: CanaryTable,
  clinic: Stage['a'],
  suffix: string,
): Promise<Outcome> => {
  const key = keyValues(table, stage.b.clinicId);
  if (key === undefined) return unproven('no row of the victim could be planted there');
  const column = uuidKey(table, key);
  if (column === undefined) return unproven('its key cannot be chosen');
  const ask = (value: string): Promise<Attempted> =>
    asClinic(stage, stage.a, (client) => {
      const insert = insertCanary(client, table, '$1::uuid', {
        given: given(stage, table, clinic, { [column]: value }),
      });
      return attempt(client, `${insert} ${suffix}`, [clinic.clinicId]);
    });
  const taken = key[column] ?? '';
  const free = canaryId();
  const [known, unknown] = [await ask(taken), await ask(free)];
  if (shows(known, stage)) return leaked("the error shows the victim's values");
  return answer(known, [taken]) === answer(unknown, [free])
    ? held(
        known.sqlstate === undefined
          ? 'both go through'
          : `the same refusal for both (SQLSTATE ${known.sqlstate})`,
      )
    : leaked('the answers differ');
};

/** Oracles, each on every tenant table. */
export const ROW_ORACLES: readonly Family[] = [
  {
    scenario,
    id: 'key-in-own-clinic',
    isolation: [6],
    tried: (of) =>
      `Adding an own row to ${of} under an id that another tenant uses, to learn whether it exists`,
    expected: 'the same answer as for an id that nobody uses',
    over: keyed,
    attack: (stage) => each(keyed(stage), (name) => compare(stage, tableOf(stage, name), stage.a, '')),
  },
  {
    scenario,
    id: 'key-in-other-clinic',
    isolation: [6, 7],
    tried: (of) => `Adding a row to ${of} in another clinic's name under an id that it uses`,
    expected: 'the same refusal as for an id that nobody uses',
    over: keyed,
    attack: (stage) => each(keyed(stage), (name) => compare(stage, tableOf(stage, name), stage.b, '')),
  },
  {
    scenario,
    id: 'on-conflict',
    isolation: [7],
    tried: (of) => `Provoking a conflict with another clinic's row of ${of} (ON CONFLICT DO NOTHING)`,
    expected: 'the same refusal as where there is no conflict',
    over: keyed,
    attack: (stage) =>
      each(keyed(stage), (name) => compare(stage, tableOf(stage, name), stage.b, 'ON CONFLICT DO NOTHING')),
  },
  {
    scenario,
    id: 'on-conflict-where',
    isolation: [7],
    tried: (of) =>
      `Making ON CONFLICT ... WHERE look at another clinic's row of ${of} and put its text into an error (CVE-2026-120154)`,
    expected: "refused by the policy, with nothing of the victim's in the error",
    over: tables,
    attack: (stage) => each(tables(stage), (name) => conflictWhere(stage, tableOf(stage, name))),
  },
  {
    scenario,
    id: 'pushed-down',
    isolation: [9],
    tried: (of) =>
      `Reading ${of} with a condition that fails on another clinic's row, so that the failure gives it away`,
    expected: 'the condition never meets such a row',
    over: tables,
    attack: (stage) =>
      pushedDown(stage, (mark) => `1 / (CASE WHEN strpos(r::text, ${mark}) > 0 THEN 0 ELSE 1 END) = 1`),
  },
  {
    scenario,
    id: 'cast',
    isolation: [9],
    tried: (of) => `Reading ${of} with a cast whose error message quotes another clinic's row`,
    expected: 'the cast never meets such a row',
    over: tables,
    attack: (stage) =>
      pushedDown(
        stage,
        (mark) => `CASE WHEN strpos(r::text, ${mark}) > 0 THEN (r::text)::int ELSE 0 END = 0`,
      ),
  },
  {
    scenario,
    id: 'miss-or-foreign',
    isolation: [6],
    tried: (of) =>
      `Comparing what changing a row of ${of} answers for another clinic's row and for one that does not exist`,
    expected: 'the same answer',
    over: tables,
    attack: (stage) => each(tables(stage), (name) => missOrForeign(stage, tableOf(stage, name))),
  },
];

const conflictWhere = (stage: Stage, table: CanaryTable): Promise<Outcome> =>
  asClinic(stage, stage.a, async (client) => {
    const key = keyValues(table, stage.b.clinicId);
    if (key === undefined) return unproven('no row of the victim could be planted there');
    const insert = insertCanary(client, table, '$1::uuid', {
      given: given(stage, table, stage.b, table.keyColumns.length === 0 ? {} : key),
    });
    const columns = ['clinic_id', ...table.keyColumns]
      .map((column) => client.escapeIdentifier(column))
      .join(', ');
    const attempted = await attempt(
      client,
      `${insert.replace(`INSERT INTO ${table.name}`, `INSERT INTO ${table.name} AS known`)}
       ON CONFLICT (${columns}) DO UPDATE SET clinic_id = excluded.clinic_id WHERE (known::text)::int = 1`,
      [stage.b.clinicId],
    );
    if (shows(attempted, stage)) return leaked("the error shows the victim's values");
    return judgeRefusal(attempted);
  });

const pushedDown = (stage: Stage, condition: (mark: string) => string): Promise<Map<string, Outcome>> =>
  asClinic(stage, stage.a, async (client) => {
    const mark = client.escapeLiteral(stage.b.clinicId);
    const reached = await countReached(
      client,
      stage.tables.map(({ name }) => ({
        table: name,
        statement: `(SELECT 1 FROM ${name} AS r WHERE ${condition(mark)})`,
      })),
      [],
    );
    return new Map(
      reached.map((result) => {
        if (!tableOf(stage, result.table).keys.has(stage.b.clinicId))
          return [result.table, unproven('no row of the victim could be planted there')];
        if (result.sqlstate !== undefined)
          return [
            result.table,
            result.sqlstate === '22012' || result.sqlstate === '22P02'
              ? leaked(`the condition met a row of the victim (SQLSTATE ${result.sqlstate})`)
              : judgeRefusal({ sqlstate: result.sqlstate, error: new Error() }),
          ];
        return [result.table, held('it met own rows only')];
      }),
    );
  });

const missOrForeign = (stage: Stage, table: CanaryTable): Promise<Outcome> =>
  asClinic(stage, stage.a, async (client) => {
    if (!table.keys.has(stage.b.clinicId)) return unproven('no row of the victim could be planted there');
    const ask = (clinicId: string): Promise<Attempted> =>
      attempt(client, `UPDATE ${table.name} SET clinic_id = clinic_id WHERE clinic_id = $1 RETURNING 1`, [
        clinicId,
      ]);
    const nobody = canaryId();
    const [foreign, missing] = [await ask(stage.b.clinicId), await ask(nobody)];
    return answer(foreign, [stage.b.clinicId]) === answer(missing, [nobody])
      ? held(
          foreign.sqlstate === undefined
            ? 'no row for both'
            : `the same refusal for both (SQLSTATE ${foreign.sqlstate})`,
        )
      : leaked('the answers differ');
  });
