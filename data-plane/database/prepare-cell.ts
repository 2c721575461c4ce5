import { readFileSync } from 'node:fs';
import type pg from 'pg';
import type { CellCredentials } from './cell-credentials.js';
import { type Difference, readPreparation, recordDefences } from './defences.js';
import { inDefinitionChange } from './definition-change.js';
import { isManaged } from './managed.js';
import { migrate } from './migrate.js';
import { refuseObstacles } from './repair/obstacles.js';
import { putContents } from './repair/put-contents.js';
import { repairCell } from './repair/repair-cell.js';
import { changingRights } from './rights-lock.js';

const MANAGED_CELL = readFileSync(new URL('./managed-cell.sql', import.meta.url), 'utf8');

/**
 * Makes a database with its roles a cell: schema, context key, the logins of applications. Safe to run again: what is
 * otherwise than the release made it is put back.
 * @param client of the database's owner. It is a superuser, or has made the roles, on Postgres 16 or newer.
 * @throws RingfenceError as repairCell; `repair_incomplete` when something could not be put back.
 */
export const prepareCell = async (
  client: pg.Client,
  credentials: CellCredentials,
): Promise<{ migrations: string[]; mended: Difference[] }> => {
  const isPrepared = (await readPreparation(client)) === 'prepared';
  const mended = isPrepared ? await repairCell(client, credentials, { dryRun: false }) : [];
  refuseObstacles('the cell', mended);
  const migrations = await changingRights(client, async () => {
    const ran = await migrate(client, 'cell');
    if (await isManaged(client)) await client.query(MANAGED_CELL);
    if (!isPrepared || ran.length > 0)
      await inDefinitionChange(client, async () => {
        refuseObstacles('the cell', await putContents({ client, isLastTry: false }, credentials));
        await recordDefences(client);
      });
    return ran;
  });
  return { migrations, mended };
};
