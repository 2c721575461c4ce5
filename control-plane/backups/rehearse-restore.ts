import { RingfenceError } from '../../core/errors.js';
import { rehearseRestore } from '../../data-plane/backup/tenant/rehearse.js';
import { withConnection } from '../../data-plane/database/connect.js';
import { purgeLocalServer } from '../../data-plane/database/server/local-server.js';
import { inScratchCell } from '../../data-plane/database/server/scratch-cell.js';
import { withLock } from '../project/lock.js';
import type { Project } from '../project/project.js';
import { scratchDir } from '../project/scratch.js';
import type { Runtime } from '../runtime.js';
import { getTenant } from '../tenants/store.js';
import { nextToRehearse, type Rehearsal, recordRehearsal } from './rehearsals.js';
import { withBackup } from './with-backup.js';

/** Names the lock of whoever uses the server. */
const LOCK = 'rehearsal';

/** The server of the empty cell that backups are restored into. */
const rehearsalServerDir = (project: Project): string => scratchDir(project, 'rehearsal');

export interface RehearsalRequest {
  /** Without one, the tenant that was rehearsed longest ago. */
  readonly slug?: string;
  /** SQL that makes the application's own tables in the empty cell. */
  readonly schemaSql?: string;
}

/**
 * Restores the newest verified backup of a tenant into an empty cell on a server of its own, and records how long it
 * took. The tenant itself is not touched, nor locked.
 *
 * @throws RingfenceError `backup_not_found` when no tenant has a verified backup; `conflict` while another one runs;
 *   as `rehearseRestore`.
 */
export const rehearseTenant = (
  runtime: Runtime,
  request: RehearsalRequest,
): Promise<Rehearsal & { readonly slug: string }> => {
  const busy = () =>
    new RingfenceError('conflict', 'another restore is being rehearsed in this project', {
      fix: 'wait until it ends, then run the command again',
    });
  const work = async () => {
    const slug = request.slug ?? (await nextToRehearse(runtime.control));
    if (slug === undefined)
      throw new RingfenceError('backup_not_found', 'no tenant has a verified backup', {
        fix: 'take one with `ringfence backups run <tenant>`',
      });
    const tenant = await getTenant(runtime.control, slug);
    const startedMs = performance.now();
    return withBackup(runtime, tenant, undefined, ({ backup, source }) =>
      inScratchCell(rehearsalServerDir(runtime.project), async ({ admin }) => {
        const { schemaSql } = request;
        if (schemaSql) await withConnection(admin, (client) => client.query(schemaSql));
        const readyMs = performance.now();
        const { id, clinicIds } = tenant;
        const rows = await rehearseRestore(admin, { tenantId: id, slug, clinicIds }, source);
        const rehearsal = {
          tenantId: id,
          backupId: backup.id,
          at: runtime.now(),
          cellMs: readyMs - startedMs,
          restoreMs: performance.now() - readyMs,
          rows,
        };
        await recordRehearsal(runtime.control, rehearsal);
        return { slug, ...rehearsal };
      }),
    );
  };
  return withLock(runtime.control, LOCK, work, busy);
};

/** Removes the server that a killed rehearsal left, with the rows in it; waits for one that is under way. */
export const purgeRehearsal = ({ control, project }: Runtime): Promise<void> =>
  withLock(control, LOCK, async () => purgeLocalServer(rehearsalServerDir(project)));
