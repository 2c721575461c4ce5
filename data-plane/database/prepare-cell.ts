import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { setApplicationLogins } from './application-logins.js';
import type { CellCredentials } from './cell-credentials.js';
import { installContextKey } from './context-key.js';
import {
  type Difference,
  readDifferences,
  readPreparation,
  recordDefences,
  restoreCopies,
  restoreDefences,
} from './defences.js';
import { inDefinitionChange } from './definition-change.js';
import { isManaged } from './managed.js';
import { migrate } from './migrate.js';
import { installPermissions } from './permissions.js';

const MANAGED_CELL = readFileSync(new URL('./managed-cell.sql', import.meta.url), 'utf8');

/**
 * Makes a database with its roles a cell: schema, context key, the logins of applications. Safe to run again: what is
 * otherwise than the release made it is put back.
 * @param client of the database's owner. It is a superuser, or has made the roles, on Postgres 16 or newer.
 * @throws RingfenceError as readPreparation and inDefinitionChange.
 */
export const prepareCell = async (
  client: pg.Client,
  credentials: CellCredentials,
): Promise<{ migrations: string[]; mended: Difference[] }> => {
  const isPrepared = (await readPreparation(client)) === 'prepared';
  const mended = isPrepared ? await repairCell(client, credentials, { dryRun: false }) : [];
  const migrations = await migrate(client, 'cell');
  if (await isManaged(client)) await client.query(MANAGED_CELL);
  if (!isPrepared || migrations.length > 0)
    await inDefinitionChange(client, async () => {
      await putContents(client, credentials);
      await recordDefences(client);
    });
  return { migrations, mended };
};

/** What the cell has beside its definitions, from the release and the credentials. @returns what was otherwise. */
const putContents = async (client: pg.Client, credentials: CellCredentials): Promise<Difference[]> => {
  const key = await installContextKey(client, credentials.contextKey);
  const copies = await restoreCopies(client);
  const permissions = await installPermissions(client);
  const logins = await setApplicationLogins(client, credentials);
  return [
    ...copies.map((object) => otherwise('copy', object)),
    ...(key ? [otherwise('context key', String(credentials.contextKey.keyId))] : []),
    ...(permissions ? [otherwise('table', 'ringfence.permissions')] : []),
    ...logins.map((object) => otherwise('login', object)),
  ];
};

const otherwise = (kind: string, object: string): Difference => ({
  kind,
  object,
  problem: 'is another than in this release',
});

/**
 * Puts every defence of a cell back to what its release says. One transaction.
 * @param dryRun nothing is changed.
 * @returns what differed.
 * @throws RingfenceError as readPreparation and inDefinitionChange.
 */
export const repairCell = async (
  client: pg.Client,
  credentials: CellCredentials,
  { dryRun }: { readonly dryRun: boolean },
): Promise<Difference[]> => {
  await readPreparation(client);
  if (dryRun)
    return looking(client, async () => [
      ...(await readDifferences(client)),
      ...(await putContents(client, credentials)),
    ]);
  return inDefinitionChange(client, async () => [
    ...(await restoreDefences(client)),
    ...(await putContents(client, credentials)),
  ]);
};

/** Runs `work` and takes back what it did. */
const looking = async <T>(client: pg.Client, work: () => Promise<T>): Promise<T> => {
  await client.query('BEGIN');
  try {
    return await work();
  } finally {
    await client.query('ROLLBACK');
  }
};
