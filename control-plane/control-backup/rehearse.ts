import { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';
import { restoreServer } from '../../data-plane/backup/cell/restore-server.js';
import { newestGeneration } from '../../data-plane/backup/offsite/generations.js';
import { fetchHistory } from '../../data-plane/backup/offsite/history-copy.js';
import { type Connection, withConnection } from '../../data-plane/database/connect.js';
import { purgeLocalServer, recordServer } from '../../data-plane/database/server/local-server.js';
import { CONTROL_DATABASE } from '../project/control-server.js';
import { withLock } from '../project/lock.js';
import { readRows } from '../project/read-rows.js';
import { scratchDir } from '../project/scratch.js';
import { readProject } from '../project/store.js';
import type { Runtime } from '../runtime.js';
import { refuseOnRds } from './kept-by-rds.js';
import { openOffsite } from './offsite.js';

/** Names the lock of whoever uses the server. */
const LOCK = 'control-rehearsal';

/** A restore of the control database into a server of its own. */
export interface ControlRehearsal {
  readonly ms: number;
  readonly tenants: number;
  readonly lastCommitAt: Date;
}

/**
 * Restores the control database from the object store alone into a server of its own, counts the tenants in it, and removes
 * it.
 * @throws RingfenceError `backup_not_found`; `backup_refused` when the restored database is not this project's control
 * database.
 */
export const rehearseControl = (runtime: Runtime): Promise<ControlRehearsal> =>
  withLock(runtime.control, LOCK, async () => {
    const { control, project, target } = runtime;
    refuseOnRds(runtime, 'there is nothing of it in the object store');
    const { id } = await readProject(control);
    const offsite = await openOffsite(target, id);
    const there = await newestGeneration(offsite.store);
    if (!there)
      throw new RingfenceError('backup_not_found', 'there is no backup of the control database', {
        fix: 'take one with `ringfence control backup`',
      });
    const dir = scratchDir(project, 'control-rehearsal');
    purgeLocalServer(dir);
    const startedMs = performance.now();
    try {
      const { dataDir } = recordServer(dir);
      const damaged = await fetchHistory(offsite, there, dataDir);
      if (damaged.length > 0)
        throw new RingfenceError(
          'backup_refused',
          `objects of the backup are damaged: ${damaged.join(', ')}`,
          {
            fix: 'take another with `ringfence control backup --base`',
          },
        );
      const { lastCommitAt, result: tenants } = await restoreServer({
        dir,
        to: undefined,
        database: CONTROL_DATABASE,
        now: runtime.now,
        reached: runtime.reached,
        work: (admin) => countTenants(admin, id),
      });
      const ms = Math.round(performance.now() - startedMs);
      await control.query('INSERT INTO control.control_rehearsals (at, ms, tenants) VALUES ($1, $2, $3)', [
        runtime.now(),
        ms,
        tenants,
      ]);
      return { ms, tenants, lastCommitAt };
    } finally {
      purgeLocalServer(dir);
    }
  });

/** Removes the server that a killed rehearsal left, with the wrapped keys in it; waits for one that is under way. */
export const purgeControlRehearsal = ({ control, project }: Runtime): Promise<void> =>
  withLock(control, LOCK, async () => purgeLocalServer(scratchDir(project, 'control-rehearsal')));

const countSchema = z.object({ id: z.guid(), tenants: z.int() });

const countTenants = async (admin: Connection, projectId: string): Promise<number> => {
  const { rows } = await withConnection(admin, (client) =>
    client.query('SELECT id, (SELECT count(*)::int FROM control.tenants) AS tenants FROM control.project'),
  );
  const [found] = readRows(countSchema, 'control.project', rows);
  if (found?.id === projectId) return found.tenants;
  throw new RingfenceError('backup_refused', 'the backup is not of this project’s control database');
};
