import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { recoverServer } from '../../data-plane/backup/cell/recover-server.js';
import { newestGeneration } from '../../data-plane/backup/offsite/generations.js';
import { fetchHistory, fetchLogin } from '../../data-plane/backup/offsite/history-copy.js';
import { withConnection } from '../../data-plane/database/connect.js';
import { makeEnterableDir, placeData, serverAccount } from '../../data-plane/database/server/account.js';
import { purgeLocalServer, runningLocalServer } from '../../data-plane/database/server/local-server.js';
import { createRecord } from '../../data-plane/database/server/record.js';
import { RingfenceError } from '../../tenants/errors.js';
import { withLock } from '../lock.js';
import { readProject } from '../registry/project.js';
import type { Runtime } from '../runtime.js';
import { openOffsite } from './offsite.js';

/** A restore of the control database into a server of its own. */
export interface ControlRehearsal {
  readonly ms: number;
  readonly tenants: number;
  readonly lastCommitAt: Date | null;
}

/**
 * Restores the control database from the object store alone into a server of its own, counts the tenants in it, and removes it.
 * @throws RingfenceError `backup_not_found`; `backup_refused` when what comes out is not this project's control database.
 */
export const rehearseControl = (runtime: Runtime): Promise<ControlRehearsal> =>
  withLock(runtime.control, 'control-rehearsal', async () => {
    const { control, project, target } = runtime;
    const { id } = await readProject(control);
    const offsite = await openOffsite(target, id);
    const there = await newestGeneration(offsite.store);
    if (!there)
      throw new RingfenceError('backup_not_found', 'there is no backup of the control database', {
        fix: 'take one with `ringfence control backup`',
      });
    const dir = join(project.home, 'scratch', 'control-rehearsal');
    purgeLocalServer(dir);
    const startedMs = performance.now();
    try {
      const account = serverAccount();
      makeEnterableDir(dir, account);
      const dataDir = placeData(dir, account);
      createRecord(dir, { dataDir, port: undefined, login: await fetchLogin(offsite, there) });
      await fetchHistory(offsite, there, dataDir);
      const { lastCommitAt } = await recoverServer(dir, { now: runtime.now() });
      const tenants = await countTenants(dir, id);
      const ms = Math.round(performance.now() - startedMs);
      await control.query('INSERT INTO control.control_rehearsals (at, ms, tenants) VALUES ($1, $2, $3)', [
        runtime.now(),
        ms,
        tenants,
      ]);
      return { ms, tenants, lastCommitAt: lastCommitAt ?? null };
    } finally {
      purgeLocalServer(dir);
      rmSync(dir, { recursive: true, force: true });
    }
  });

const countTenants = async (dir: string, projectId: string): Promise<number> => {
  const server = runningLocalServer(dir);
  if (!server)
    throw new RingfenceError('database_unavailable', 'the rehearsed control database does not run');
  const { rows } = await withConnection({ ...server, database: 'control' }, (client) =>
    client.query<{ id: string; tenants: number }>(
      'SELECT id, (SELECT count(*)::int FROM control.tenants) AS tenants FROM control.project',
    ),
  );
  if (rows[0]?.id === projectId) return rows[0].tenants;
  throw new RingfenceError('backup_refused', 'the backup is not of this project’s control database');
};
