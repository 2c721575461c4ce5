import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { translateIfDatabaseError } from '../errors.js';
import { RULES, type Rule } from './rules.js';

/** A hole in the isolation of a cell's schema. */
export interface Finding {
  /** The rule's id, such as `force-rls`. */
  readonly rule: string;
  /** Items of the list of known breaks, docs/threats.md. */
  readonly isolation: readonly number[];
  /** `schema.table`, `schema.function(args)`, a role, a setting or a database. */
  readonly object: string;
  readonly problem: string;
  /** The statement, or else the action, that mends it. */
  readonly fix: string;
}

type Row = Pick<Finding, 'rule' | 'object' | 'problem' | 'fix'>;

/**
 * Names every hole that the catalogue of the connected cell shows, in the order of RULES; none when it is sound.
 * Reads only, as a role that may read the tables of schema ringfence; works inside a transaction too.
 * @throws RingfenceError when the database refuses or is not a cell.
 */
export const lintSchema = async (client: pg.ClientBase): Promise<Finding[]> => {
  try {
    // Postgres leaves the schema out of a name that the search_path finds, and rules compare names.
    const before = await client.query<{ path: string }>(`SELECT current_setting('search_path') AS path`);
    await setSearchPath(client, 'pg_catalog, pg_temp');
    const { rows } = await client.query<Row>(query());
    await setSearchPath(client, before.rows[0]?.path ?? '');
    return rows.map(({ rule, object, problem, fix }) => ({
      rule,
      isolation: RULES.find(({ id }) => id === rule)?.isolation ?? [],
      object,
      problem,
      fix,
    }));
  } catch (error) {
    throw translateIfDatabaseError(error);
  }
};

const setSearchPath = (client: pg.ClientBase, path: string): Promise<unknown> =>
  client.query(`SELECT set_config('search_path', $1, false)`, [path]);

/** One statement for all rules, so that Postgres reads the catalogue once: a fifth of the time of one each. */
const query = (): string =>
  `${read('catalogue.sql')}
   SELECT rule, object, problem, fix FROM (${RULES.map(selectOf).join('\nUNION ALL\n')}) AS finding
    ORDER BY place, object, problem`;

const selectOf = ({ id }: Rule, place: number): string =>
  `SELECT ${place} AS place, '${id}' AS rule, object::text, problem::text, fix::text FROM (\n${read(`rules/${id}.sql`)}\n) AS of_rule`;

const sources = new Map<string, string>();
const read = (file: string): string => {
  const known = sources.get(file) ?? readFileSync(new URL(file, import.meta.url), 'utf8');
  sources.set(file, known);
  return known;
};
