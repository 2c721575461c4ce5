import pg from 'pg';
import { insertCanary } from '../canary.js';
import type { Readable } from '../objects.js';
import { CANARY_ID_FIRST, CANARY_ID_LAST } from '../suite/canary-ids.js';
import { type CanaryTable, parentValues } from '../suite/canary-tables.js';
import type { CanaryClinic } from '../suite/plant.js';

/** Throw-away rows. Every statement touches only these, so that a cell without defences loses and shows none of its real rows. */
const RANGE = `'${CANARY_ID_FIRST}' AND '${CANARY_ID_LAST}'`;
const CANARIES = `t.clinic_id BETWEEN ${RANGE}`;

const keyOf = ({ keyColumns }: CanaryTable): string =>
  keyColumns.length === 0
    ? `''`
    : `concat_ws('/', ${keyColumns.map((column) => `t.${pg.escapeIdentifier(column)}::text`).join(', ')})`;

const primaryKey = ({ keyColumns }: CanaryTable): string =>
  ['clinic_id', ...keyColumns.map(pg.escapeIdentifier)].join(', ');

const some = ({ name }: CanaryTable): string => `${name} AS t WHERE ${CANARIES}`;

/** Statements whose rows are a clinic's id and a row's key, for every row that is visible. */
export const readsOf = (table: CanaryTable): readonly string[] => {
  const head = `t.clinic_id, ${keyOf(table)} AS key`;
  return [
    `SELECT ${head} FROM ${some(table)}`,
    `SELECT ${head}, t.* FROM ${some(table)}`,
    `SELECT ${head}, to_jsonb(t) FROM ${some(table)} ORDER BY t::text`,
    `SELECT * FROM (SELECT ${head}, t AS row FROM ${some(table)} OFFSET 0) AS inner_rows`,
    `WITH seen AS MATERIALIZED (SELECT ${head} FROM ${some(table)}) TABLE seen`,
    `SELECT ${head}, u.* FROM ringfence.clinics AS u, ${some(table)} AND u.id BETWEEN ${RANGE}`,
    `SELECT ${head} FROM ${some(table)} AND (t::text || clock_timestamp()::text) <> ''`,
    `SELECT ${head} FROM ${some(table)} FOR SHARE NOWAIT`,
    `SELECT ${head}, lag(t::text) OVER () FROM ${some(table)}`,
    `SELECT ${head} FROM ${some(table)} UNION ALL SELECT ${head} FROM ${some(table)} AND false`,
    `SELECT ${head} FROM ${table.name} AS t LEFT JOIN ${table.name} AS u USING (${primaryKey(table)}) WHERE ${CANARIES}`,
  ];
};

export const cursorQuery = (table: CanaryTable): string =>
  `SELECT t.clinic_id, ${keyOf(table)} AS key FROM ${some(table)}`;

/** The clinics whose rows a table or view shows. */
export const ownersOf = ({ name, boundary }: Readable): string =>
  `SELECT t.${boundary} FROM ${name} AS t WHERE t.${boundary} BETWEEN ${RANGE}`;

/** Aggregates over the visible rows: their number and their content. */
export const countsOf = (table: CanaryTable): readonly string[] => [
  `SELECT count(*) FROM ${some(table)}`,
  `SELECT count(*), min(t.clinic_id::text), max(t.clinic_id::text), string_agg(t::text, '|') FROM ${some(table)}`,
  `SELECT count(*) FILTER (WHERE true), jsonb_agg(t) FROM ${some(table)}`,
  `SELECT sum(rows) FROM (SELECT count(*) AS rows FROM ${some(table)} GROUP BY t.clinic_id) AS groups`,
];

/** Statements whose errors, plans or documents might show more than their rows do. */
export const oraclesOf = (table: CanaryTable): readonly string[] => [
  `SELECT (t::text)::int FROM ${some(table)}`,
  `SELECT 1 / (length(t::text) - length(t::text)) FROM ${some(table)}`,
  `SELECT (t::text)::xml FROM ${some(table)}`,
  `SELECT query_to_xml(${pg.escapeLiteral(`SELECT * FROM ${some(table)}`)}, true, false, '')`,
  `EXPLAIN (VERBOSE) SELECT * FROM ${some(table)}`,
  `EXPLAIN (VERBOSE, SETTINGS, FORMAT JSON) UPDATE ${some(table).replace('WHERE', 'SET clinic_id = clinic_id WHERE')}`,
  `DO $$ BEGIN RAISE NOTICE '%', (SELECT string_agg(t::text, ',') FROM ${some(table)}); END $$`,
  'SELECT name, statement FROM pg_prepared_statements',
  `SELECT pid, query FROM pg_stat_activity WHERE query LIKE '%${CANARY_ID_FIRST.slice(0, 8)}%'`,
  'SELECT * FROM pg_cursors',
  `SELECT current_setting('backtrace_functions'), ringfence.current_clinic(), ringfence.current_actor()`,
  'SELECT * FROM ringfence.audit_trail()',
];

/** Writes of a clinic to its own rows. Each returns the clinic's id and the key of every row that it wrote. */
export interface OwnWrite {
  readonly sql: string;
  readonly does: 'add' | 'keep' | 'remove';
}

export const writesOf = (
  client: pg.ClientBase,
  tables: readonly CanaryTable[],
  table: CanaryTable,
  clinic: CanaryClinic,
): readonly OwnWrite[] => {
  const returning = `RETURNING t.clinic_id, ${keyOf(table)}`;
  const given = parentValues(tables, table, clinic);
  const insert = insertCanary(client, aliased(table), `'${clinic.clinicId}'::uuid`, {
    given,
    text: clinic.marker,
  });
  const list = table.columns.join(', ');
  return [
    { does: 'add', sql: `${insert} ${returning}` },
    { does: 'add', sql: `${insert} ON CONFLICT DO NOTHING ${returning}` },
    {
      does: 'keep',
      sql: `UPDATE ${some(table).replace('WHERE', 'SET clinic_id = t.clinic_id WHERE')} ${returning}`,
    },
    { does: 'remove', sql: `DELETE FROM ${some(table)} ${returning}` },
    {
      does: 'keep',
      sql: `INSERT INTO ${table.name} AS t (clinic_id, ${list}) OVERRIDING SYSTEM VALUE
        SELECT clinic_id, ${list} FROM ${some(table)} LIMIT 1
        ON CONFLICT (${primaryKey(table)}) DO UPDATE SET clinic_id = excluded.clinic_id ${returning}`,
    },
  ];
};

const aliased = (table: CanaryTable): CanaryTable => ({ ...table, name: `${table.name} AS t` });

/** Statements that reach for rows of another clinic. A sound cell refuses them or touches no row. */
export const reachesOf = (
  client: pg.ClientBase,
  tables: readonly CanaryTable[],
  table: CanaryTable,
  victim: CanaryClinic,
): readonly string[] => {
  const of = `t.clinic_id = '${victim.clinicId}'`;
  const key = table.keys.get(victim.clinicId) ?? {};
  const same = table.keyColumns.map(
    (column) => `t.${pg.escapeIdentifier(column)}::text = ${pg.escapeLiteral(key[column] ?? '')}`,
  );
  const all = [of, ...same].join(' AND ');
  const theirs = `'${victim.clinicId}'::uuid`;
  const given = parentValues(tables, table, victim);
  const insert = insertCanary(client, table, theirs, { given });
  const names = table.columns.join(', ');
  const values = table.columns
    .map((column) => {
      const known = table.keyColumns.find((name) => column === name || column === pg.escapeIdentifier(name));
      return known && key[known] !== undefined ? pg.escapeLiteral(key[known]) : `t.${column}`;
    })
    .join(', ');
  return [
    `SELECT FROM ${table.name} AS t WHERE ${of}`,
    `SELECT FROM ${table.name} AS t WHERE ${all} FOR UPDATE`,
    `SELECT FROM ringfence.clinics AS c JOIN ${table.name} AS t ON t.clinic_id <> c.id WHERE ${CANARIES}`,
    `UPDATE ${table.name} AS t SET clinic_id = t.clinic_id WHERE ${of}`,
    `DELETE FROM ${table.name} AS t WHERE ${all}`,
    `DELETE FROM ${table.name} AS t USING ringfence.clinics AS c WHERE t.clinic_id <> c.id AND ${CANARIES}`,
    `UPDATE ${table.name} AS t SET clinic_id = ${theirs} WHERE ${CANARIES}`,
    insert,
    `INSERT INTO ${table.name} AS t (clinic_id, ${names}) OVERRIDING SYSTEM VALUE
      SELECT ${theirs}, ${values} FROM ${some(table)} LIMIT 1
      ON CONFLICT (${primaryKey(table)}) DO UPDATE SET clinic_id = t.clinic_id WHERE t::text LIKE '%canary%'`,
    `MERGE INTO ${table.name} AS t USING (SELECT ${theirs} AS id) AS s ON t.clinic_id = s.id
      WHEN MATCHED THEN DELETE`,
    `WITH gone AS (DELETE FROM ${table.name} AS t WHERE ${of} RETURNING t.clinic_id) SELECT FROM gone`,
  ];
};
