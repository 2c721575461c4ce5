import pg from 'pg';
import { columnList, equalColumns, quoted } from '../../../backup/tenant/identifiers.js';
import { quotedTable } from '../../../database/table-name.js';
import { type Finding, findings } from './findings.js';
import type { Stage } from './stage.js';

/**
 * Asks of the typed rows, all at once, what the database would ask of each: required values, CHECK constraints, unique
 * keys in the import and with rows that are there, and foreign keys to either. Rules that are written otherwise
 * (triggers, exclusion constraints) are left to the insert.
 *
 * @param paths of the files, by number.
 */
export const checkStages = async (
  client: pg.ClientBase,
  stages: readonly Stage[],
  paths: readonly string[],
): Promise<Finding[]> => {
  const found: Finding[] = [];
  for (const stage of stages) {
    found.push(...(await missingValues(client, stage)));
    found.push(...(await brokenRules(client, stage)));
    found.push(...(await missingParents(client, stage, stages)));
    found.push(...(await takenValues(client, stage)));
  }
  for (const { table } of new Map(stages.map((stage) => [stage.table.name, stage])).values()) {
    const ofTable = stages.filter((stage) => stage.table.name === table.name);
    for (const key of [table.primaryKey, ...table.uniques])
      found.push(...(await doubles(client, ofTable, key, paths)));
  }
  return found;
};

/** Columns that the rows of a stage have. */
const given = ({ columns }: Stage): Set<string> =>
  new Set([
    'clinic_id',
    ...columns.flatMap(({ storedAs, sealed, index }) =>
      sealed && index ? [storedAs, index.column] : [storedAs],
    ),
  ]);

const names = (columns: readonly string[]): string =>
  `ARRAY[${columns.map((column) => pg.escapeLiteral(column)).join(', ')}]::text[]`;

const areKnown = (columns: readonly string[], alias: string): string =>
  columns.map((column) => `${quoted(column, alias)} IS NOT NULL`).join(' AND ');

const missingValues = async (client: pg.ClientBase, { typed, columns, marks }: Stage): Promise<Finding[]> => {
  const required = columns.filter((column) => column.required);
  if (required.length === 0) return [];
  const queries = required.map(
    ({ storedAs }) =>
      `SELECT ${marks.file} AS file, ${marks.line} AS line, ${pg.escapeLiteral(storedAs)}::text AS "column" FROM ${typed}
        WHERE ${quoted(storedAs)} IS NULL AND NOT ${names([storedAs])} && ${marks.bad}`,
  );
  return findings(client, queries.join(' UNION ALL '), () => 'is required and has no value');
};

const brokenRules = async (client: pg.ClientBase, stage: Stage): Promise<Finding[]> => {
  const { table, typed, marks } = stage;
  const present = given(stage);
  const others = table.columns.filter(({ storedAs }) => !present.has(storedAs));
  const asInserted = others.map(
    ({ storedAs, type }) => `(${table.defaults.get(storedAs) ?? 'NULL'})::${type} AS ${quoted(storedAs)}`,
  );
  const found: Finding[] = [];
  for (const { expression, rule, columns } of table.checks) {
    const [only] = columns;
    const column = columns.length === 1 && only !== undefined ? pg.escapeLiteral(only) : 'NULL';
    found.push(
      ...(await findings(
        client,
        `SELECT ${marks.file} AS file, ${marks.line} AS line, ${column}::text AS "column"
           FROM (SELECT ${['r.*', ...asInserted].join(', ')} FROM ${typed} r WHERE NOT r.${marks.bad} && ${names(columns)}) r
          WHERE NOT (${expression})`,
        () => `breaks the rule ${rule}`,
      )),
    );
  }
  return found;
};

const missingParents = async (
  client: pg.ClientBase,
  stage: Stage,
  stages: readonly Stage[],
): Promise<Finding[]> => {
  const present = given(stage);
  const found: Finding[] = [];
  for (const { childColumns, parent, parentColumns } of stage.table.foreignKeys) {
    if (!childColumns.every((column) => present.has(column))) continue;
    const parents = stages.filter(
      (other) => other.table.name === parent && parentColumns.every((column) => given(other).has(column)),
    );
    const live = quotedTable(parent);
    const absent = [live, ...parents.map(({ typed }) => typed)].map(
      (place) =>
        `NOT EXISTS (SELECT FROM ${place} p WHERE ${equalColumns({ alias: 'p', columns: parentColumns }, { alias: 'r', columns: childColumns })})`,
    );
    const own = childColumns.filter((column) => column !== 'clinic_id');
    found.push(
      ...(await findings(
        client,
        `SELECT r.${stage.marks.file} AS file, r.${stage.marks.line} AS line, ${pg.escapeLiteral(own[0] ?? 'clinic_id')}::text AS "column" FROM ${stage.typed} r
          WHERE ${areKnown(childColumns, 'r')} AND ${absent.join(' AND ')}`,
        () => `refers to a row of ${parent} that is neither in the import nor in the clinic`,
      )),
    );
  }
  return found;
};

/** Unique values that another row has already. The row itself, from an earlier run, is another question. */
const takenValues = async (client: pg.ClientBase, stage: Stage): Promise<Finding[]> => {
  const { table, typed, marks } = stage;
  const present = given(stage);
  const found: Finding[] = [];
  for (const columns of table.uniques.filter((key) => key.every((column) => present.has(column)))) {
    const same = (keys: readonly string[]): string =>
      equalColumns({ alias: 'l', columns: keys }, { alias: 'r', columns: keys });
    found.push(
      ...(await findings(
        client,
        `SELECT r.${marks.file} AS file, r.${marks.line} AS line, ${pg.escapeLiteral(columns.at(-1) ?? '')}::text AS "column"
           FROM ${typed} r JOIN ${table.quoted} l ON ${same(columns)}
          WHERE (${same(table.primaryKey)}) IS NOT TRUE`,
        () => 'has a value that another row of the clinic has already',
      )),
    );
  }
  return found;
};

const doubles = async (
  client: pg.ClientBase,
  stages: readonly Stage[],
  key: readonly string[],
  paths: readonly string[],
): Promise<Finding[]> => {
  const withKey = stages.filter((stage) => key.every((column) => given(stage).has(column)));
  if (withKey.length === 0) return [];
  const rows = withKey.map(
    ({ typed, marks }) =>
      `SELECT ${marks.file}, ${marks.line}, ${columnList(key)} FROM ${typed} r WHERE ${areKnown(key, 'r')}`,
  );
  // All are of one table, so their marks have one name.
  const { file, line } = stages[0]?.marks ?? { file: '', line: '' };
  const window = `(PARTITION BY ${columnList(key)} ORDER BY ${file}, ${line})`;
  return findings(
    client,
    `SELECT * FROM (
       SELECT ${file} AS file, ${line} AS line, ${pg.escapeLiteral(key.at(-1) ?? '')}::text AS "column", row_number() OVER ${window} AS nth,
              first_value(${file}) OVER ${window} AS "otherFile", first_value(${line}) OVER ${window} AS "otherLine"
         FROM (${rows.join(' UNION ALL ')}) every_row) numbered
      WHERE nth > 1`,
    ({ otherFile, otherLine }) => `is given twice, first in ${paths[otherFile ?? -1]} on line ${otherLine}`,
  );
};
