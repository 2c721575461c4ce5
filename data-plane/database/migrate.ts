import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import type pg from 'pg';

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
 */
export const migrate = async (client: pg.Client, kind: keyof typeof MIGRATIONS): Promise<string[]> => {
  const { folder, schema } = MIGRATIONS[kind];
  const ran = await runner({
    dbClient: client,
    dir: fileURLToPath(new URL(folder, import.meta.url)),
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
