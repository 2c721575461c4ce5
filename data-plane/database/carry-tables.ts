import { readFileSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from, to } from 'pg-copy-streams';
import { RingfenceError } from '../../core/errors.js';
import { inTransaction } from './connect.js';

const CARRIED_TABLES = readFileSync(new URL('./queries/carried-tables.sql', import.meta.url), 'utf8');

/** A table, with the columns that hold values of its own. Names are quoted for SQL. */
interface Table {
  readonly name: string;
  readonly columns: readonly string[];
}

/** What a table holds: its rows, and a sum of digests that is the same in whatever order they lie. */
interface Content {
  readonly rows: number;
  readonly digest: string;
}

/** The same text for the same value, whatever is set for a server, a database or a role. */
const SAME_TEXT = `
  SET datestyle = 'ISO, YMD'; SET intervalstyle = 'iso_8601'; SET timezone = 'UTC'; SET bytea_output = 'hex';
  SET extra_float_digits = 1; SET xmloption = 'content'; SET client_encoding = 'UTF8'`;

/** Notes of migrations are made by migrating. */
const isCarried = ({ name }: Table): boolean => !name.endsWith('.migrations');

/**
 * Copies every row and the state of every sequence of some schemas into a database that has the same tables, all empty, in one
 * transaction: after a failure they are as empty as before. Triggers do not fire.
 * @param source reads one snapshot. Its rows may change meanwhile: `compareTables` tells.
 * @returns the number of rows.
 * @throws RingfenceError `conflict` where the tables of both are not the same, or there are rows.
 */
export const carryTables = async (
  source: pg.Client,
  target: pg.Client,
  schemas: readonly string[],
): Promise<number> => {
  const tables = await requireSameTables(source, target, schemas);
  await source.query(SAME_TEXT);
  await target.query(SAME_TEXT);
  await source.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    return await inTransaction(target, async () => {
      // The rows came through the checks and triggers of the source.
      await target.query('SET LOCAL session_replication_role = replica');
      let rows = 0;
      for (const table of tables) {
        await refuseRows(target, table);
        rows += await copyTable(source, target, table);
      }
      await carrySequences(source, target, schemas);
      return rows;
    });
  } finally {
    await source.query('ROLLBACK').catch(() => undefined);
  }
};

/**
 * The tables of some schemas whose rows are not the same in two databases, by name.
 * @throws RingfenceError as `carryTables`, for other tables.
 */
export const compareTables = async (
  one: pg.Client,
  other: pg.Client,
  schemas: readonly string[],
): Promise<string[]> => {
  const tables = await requireSameTables(one, other, schemas);
  await one.query(SAME_TEXT);
  await other.query(SAME_TEXT);
  const differing: string[] = [];
  for (const table of tables) {
    const [left, right] = [await contentOf(one, table), await contentOf(other, table)];
    if (left.rows !== right.rows || left.digest !== right.digest) differing.push(table.name);
  }
  return differing;
};

const requireSameTables = async (
  source: pg.Client,
  target: pg.Client,
  schemas: readonly string[],
): Promise<Table[]> => {
  const here = await listTables(source, schemas);
  const there = await listTables(target, schemas);
  if (JSON.stringify(here) === JSON.stringify(there)) return here.filter(isCarried);
  throw new RingfenceError('conflict', 'the tables of the two databases are not the same', {
    fix: 'work with the same version of Ringfence on both, and begin again with an empty one',
  });
};

const listTables = async (client: pg.Client, schemas: readonly string[]): Promise<Table[]> => {
  const { rows } = await client.query<Table>(CARRIED_TABLES, [schemas]);
  return rows;
};

const refuseRows = async (target: pg.Client, { name }: Table): Promise<void> => {
  const { rows } = await target.query<{ there: boolean }>(`SELECT EXISTS (SELECT FROM ${name}) AS there`);
  if (rows[0]?.there !== true) return;
  throw new RingfenceError('conflict', `table ${name} of the other database has rows already`, {
    fix: 'begin with an empty database',
  });
};

const copyTable = async (source: pg.Client, target: pg.Client, { name, columns }: Table): Promise<number> => {
  if (columns.length === 0) return 0;
  const list = columns.join(', ');
  const into = target.query(from(`COPY ${name} (${list}) FROM STDIN`));
  await pipeline(source.query(to(`COPY (SELECT ${list} FROM ${name}) TO STDOUT`)), into);
  return into.rowCount;
};

const carrySequences = async (
  source: pg.Client,
  target: pg.Client,
  schemas: readonly string[],
): Promise<void> => {
  const { rows } = await source.query<{ name: string; value: string | null }>(
    `SELECT format('%I.%I', schemaname, sequencename) AS name, last_value::text AS value
       FROM pg_sequences WHERE schemaname = ANY ($1)`,
    [schemas],
  );
  for (const { name, value } of rows)
    if (value !== null) await target.query('SELECT setval($1::regclass, $2::bigint)', [name, value]);
};

const contentOf = async (client: pg.Client, { name }: Table): Promise<Content> => {
  const { rows } = await client.query<{ rows: string; digest: string }>(
    `SELECT count(*) AS rows, coalesce(sum(('x' || left(encode(sha256(convert_to(t::text, 'UTF8')), 'hex'), 15))::bit(60)::bigint), 0)::text AS digest
       FROM ${name} t`,
  );
  return { rows: Number(rows[0]?.rows), digest: rows[0]?.digest ?? '' };
};
