import type pg from 'pg';
import type { CellCredentials } from '../cell-credentials.js';
import { ADMINISTRATOR_SETTINGS, inTransaction } from '../connect.js';
import { refuseOlderContextKey } from '../context-key.js';
import { type Difference, readDifferences, readPreparation } from '../defences.js';
import { inDefinitionChange } from '../definition-change.js';
import { changingRights } from '../rights-lock.js';
import type { RepairRun } from './attempt.js';
import { mendDefinitions } from './mend-definitions.js';
import { putContents } from './put-contents.js';
import { restoreTools } from './tools.js';

const LOCK_TIMEOUT_MS = 2_000;

/**
 * Puts every defence of a cell back to what its release says, each by itself: what cannot be put back keeps nothing else from
 * it. What the repair itself needs comes first, in a transaction of its own.
 * @param dryRun nothing is changed.
 * @returns what differed; what still does has its obstacle.
 * @throws RingfenceError as readPreparation, refuseOlderContextKey, restoreTools and inDefinitionChange.
 */
export const repairCell = async (
  client: pg.Client,
  credentials: CellCredentials,
  { dryRun }: { readonly dryRun: boolean },
): Promise<Difference[]> => {
  await takeOwnSettings(client);
  await readPreparation(client);
  const run: RepairRun = { client, isLastTry: true };
  const restore = async (): Promise<Difference[]> => {
    await refuseOlderContextKey(client, credentials.contextKey);
    await client.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await client.query(OF_DEFINITIONS);
    return restoreTools(run);
  };
  return changingRights(client, async () => {
    if (dryRun)
      return looking(client, async () => [
        ...(await restore()),
        ...(await readDifferences(client)),
        ...(await putContents(run, credentials)),
      ]);
    const tools = await inTransaction(client, restore);
    const others = await inDefinitionChange(client, async (isLastTry) => {
      await client.query(OF_DEFINITIONS);
      const definitions = await mendDefinitions({ client, isLastTry });
      return [...definitions, ...(await putContents({ client, isLastTry }, credentials))];
    });
    return [...tools, ...others];
  });
};

/** Every name has its schema then, and a function may be made before what it names. */
const OF_DEFINITIONS = 'SET LOCAL search_path = pg_catalog, pg_temp; SET LOCAL check_function_bodies = off';

/** Runs `work` and takes back what it did. */
const looking = async <T>(client: pg.Client, work: () => Promise<T>): Promise<T> => {
  await client.query('BEGIN');
  try {
    return await work();
  } finally {
    await client.query('ROLLBACK');
  }
};

/**
 * What is stored with the administrator or the database may stop a repair, or keep triggers from firing in it: the session
 * has its own. A setting that this server does not have, or that only a superuser may change, is left.
 */
const takeOwnSettings = async (client: pg.ClientBase): Promise<void> => {
  await client.query('SET statement_timeout = 0');
  await client.query(TAKE, [
    { ...ADMINISTRATOR_SETTINGS, transaction_timeout: '0', session_replication_role: 'origin' },
  ]);
};

const TAKE = `
  SELECT set_config(s.name, own.value, false)
    FROM pg_catalog.pg_settings s
    JOIN jsonb_each_text($1) own (name, value) ON own.name = s.name AND own.value IS DISTINCT FROM s.setting
   WHERE s.context = 'user' OR pg_catalog.has_parameter_privilege(s.name, 'SET')`;
