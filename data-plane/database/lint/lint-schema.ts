import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { translateDatabaseError } from '../errors.js';
import { RULES, type Rule } from './rules.js';

/** A hole in the isolation of a cell's schema. */
export interface Finding {
  /** The rule's id, such as `force-rls`. */
  readonly rule: string;
  /** Items of the list of known breaks, isolation.md. */
  readonly isolation: readonly number[];
  /** `schema.table`, `schema.function(args)`, a role, a setting or a database. */
  readonly object: string;
  readonly problem: string;
  /** The statement, or else the action, that mends it. */
  readonly fix: string;
}

type Row = Pick<Finding, 'object' | 'problem' | 'fix'>;

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
    const findings: Finding[] = [];
    for (const rule of RULES) {
      const { rows } = await client.query<Row>(queryOf(rule));
      findings.push(
        ...rows.map((row) => ({
          rule: rule.id,
          isolation: rule.isolation,
          object: row.object,
          problem: row.problem,
          fix: row.fix,
        })),
      );
    }
    await setSearchPath(client, before.rows[0]?.path ?? '');
    return findings;
  } catch (error) {
    throw translateDatabaseError(error);
  }
};

const setSearchPath = (client: pg.ClientBase, path: string): Promise<unknown> =>
  client.query(`SELECT set_config('search_path', $1, false)`, [path]);

const queryOf = (rule: Rule): string =>
  `${read('catalogue.sql')}\n${read(`rules/${rule.id}.sql`)}\nORDER BY 1, 2`;

const sources = new Map<string, string>();
const read = (file: string): string => {
  const known = sources.get(file) ?? readFileSync(new URL(file, import.meta.url), 'utf8');
  sources.set(file, known);
  return known;
};
