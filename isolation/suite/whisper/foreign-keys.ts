import { type Attempted, attempt } from '../../attempt.js';
import { insertCanary } from '../../canary.js';
import { canaryId } from '../canary-ids.js';
import { type CanaryTable, type ParentKey, parentValues } from '../canary-tables.js';
import type { SuiteCase } from '../case.js';
import { held, leaked, unproven } from '../judge.js';
import { asClinic, type Stage } from '../stage.js';

/** Adds an own row that refers to the given parent, and lets the foreign key be checked at once. */
const refer = (stage: Stage, table: CanaryTable, parent: ParentKey, value: string): Promise<Attempted> =>
  asClinic(stage, stage.a, (client) => {
    const given = parentValues(stage.tables, table, stage.a);
    for (const [own] of parent.columns) given[own] = client.escapeLiteral(value);
    return attempt(client, insertCanary(client, table, '$1::uuid', { given }), [stage.a.clinicId]);
  });

const foreignKeyCase = (table: CanaryTable, parent: ParentKey): SuiteCase => ({
  id: `whisper/foreign-key/${table.title}/${parent.columns.map(([own]) => own).join('+')}`,
  isolation: [5],
  tried: `Referring from an own row of ${table.title} to another clinic's row of ${parent.parent}`,
  expected: 'refused, in the same words as for a row that does not exist',
  run: async (stage) => {
    const key = stage.tables.find(({ title }) => title === parent.parent)?.keys.get(stage.b.clinicId);
    const theirs = key?.[parent.columns[0]?.[1] ?? ''];
    const ours = stage.tables.find(({ title }) => title === parent.parent)?.keys.get(stage.a.clinicId)?.[
      parent.columns[0]?.[1] ?? ''
    ];
    if (theirs === undefined || ours === undefined) return unproven('no row to refer to could be planted');
    const nobody = canaryId();
    const own = await refer(stage, table, parent, ours);
    const [foreign, missing] = [
      await refer(stage, table, parent, theirs),
      await refer(stage, table, parent, nobody),
    ];
    if (foreign.sqlstate === undefined) return leaked("the row was linked to another clinic's");
    if (own.sqlstate === '23503') return unproven('a row of the own clinic cannot be referred to either');
    const text = ({ error }: Attempted, value: string): string => {
      const { message, detail = '' } = (error ?? {}) as { message?: string; detail?: string };
      return `${message}\n${detail}`.replaceAll(value, '?');
    };
    return foreign.sqlstate === missing.sqlstate && text(foreign, theirs) === text(missing, nobody)
      ? held(`refused alike (SQLSTATE ${foreign.sqlstate})`)
      : leaked('the refusals differ');
  },
});

/** A case for each foreign key between tenant tables. */
export const foreignKeyCases = (stage: Stage): SuiteCase[] =>
  stage.tables.flatMap((table) => table.parents.map((parent) => foreignKeyCase(table, parent)));
