import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import type pg from 'pg';
import { RingfenceError } from '../../core/errors.js';

const MIGRATIONS = {
  cell: { folder: './migrations/cell', schema: 'ringfence_private' },
  control: { folder: './migrations/control', schema: 'control' },
} as const;

const QUIET = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/**
 * Brings a database to the newest schema, all steps in one transaction. Two at the same time: one waits.
 * @returns the names of the migrations that ran; empty when there was nothing to do.
 * @throws RingfenceError `conflict` for a database that another version of Ringfence made; nothing was changed.
 */
export const migrate = async (client: pg.Client, kind: keyof typeof MIGRATIONS): Promise<string[]> => {
  const { folder, schema } = MIGRATIONS[kind];
  const dir = fileURLToPath(new URL(folder, import.meta.url));
  await refuseOtherHistory(client, kind, dir);
  const ran = await runner({
    dbClient: client,
    dir,
    direction: 'up',
    migrationsTable: 'migrations',
    migrationsSchema: schema,
    createMigrationsSchema: true,
    singleTransaction: true,
    advisoryLockMode: 'wait',
    logger: QUIET,
  });
  return ran.map((migration) => migration.name);
};

/** Says whether an earlier version made the database and nobody has brought it forward yet. */
export const isOfEarlierVersion = async (
  client: Pick<pg.Pool, 'query'>,
  kind: keyof typeof MIGRATIONS,
): Promise<boolean> => {
  const { folder, schema } = MIGRATIONS[kind];
  const { rows } = await client.query<{ name: string }>(`SELECT name FROM ${schema}.migrations`);
  const ran = new Set(rows.map(({ name }) => name));
  return migrationsIn(fileURLToPath(new URL(folder, import.meta.url))).some((name) => !ran.has(name));
};

const migrationsIn = (dir: string): string[] =>
  readdirSync(dir)
    .filter((file) => file.endsWith('.sql'))
    .map((file) => basename(file, '.sql'))
    .sort();

/** Until 0.1.0 migrations are edited in place, so a history of the same names may be of other contents. */
const isOfThisVersion = async (client: pg.Client, kind: keyof typeof MIGRATIONS): Promise<boolean> => {
  if (kind === 'control') return true;
  const { rows } = await client.query<{ there: boolean }>(
    `SELECT to_regproc('ringfence_private.withheld_functions') IS NOT NULL AS there`,
  );
  return rows[0]?.there === true;
};

/** The migrations that ran in the database must be the first of ours: otherwise another version of Ringfence made it. */
const refuseOtherHistory = async (
  client: pg.Client,
  kind: keyof typeof MIGRATIONS,
  dir: string,
): Promise<void> => {
  const table = `${MIGRATIONS[kind].schema}.migrations`;
  const exists = await client.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [
    table,
  ]);
  if (!exists.rows[0]?.there) return;
  const { rows } = await client.query<{ name: string }>(`SELECT name FROM ${table} ORDER BY name`);
  const ours = migrationsIn(dir);
  if (rows.length === 0) return;
  if (rows.every(({ name }, at) => name === ours[at]) && (await isOfThisVersion(client, kind))) return;
  throw new RingfenceError('conflict', `the ${kind} database was made by another version of Ringfence`, {
    fix: 'work on with that version, or take backups with it and make the cell anew with this one',
  });
};
