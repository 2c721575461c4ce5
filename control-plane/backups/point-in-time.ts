import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { RingfenceError } from '../../core/errors.js';
import { archiveObjectKey } from '../../data-plane/backup/archive/in-store.js';
import { type ArchivePlace, takeBackup } from '../../data-plane/backup/tenant/take.js';
import type { TenantKey } from '../../data-plane/keys/tenant-key.js';
import { usingKey } from '../../data-plane/keys/using-keys.js';
import { folderStore } from '../../data-plane/objects/folder-store.js';
import { cellAccess } from '../cells/cell-access.js';
import { inCellAt } from '../cells/cell-history.js';
import { scratchDir } from '../project/scratch.js';
import type { Runtime } from '../runtime.js';
import type { RegisteredTenant } from '../tenants/store.js';
import { cellsAt, isHomeOf } from './former-homes.js';

/**
 * Takes an archive of a tenant out of the cell that was its home at a moment, as it was then, and runs `work` on it. The archive lies in a
 * folder of this project, encrypted as every backup, until `work` ends. Removes the remains of killed runs first. The
 * caller holds the tenant's lock.
 *
 * @throws RingfenceError as `CellHistory.inCopyAt` and `takeBackup`; tenant_not_found when it was at home in none then.
 */
export const withArchiveAt = <T>(
  runtime: Runtime,
  tenant: RegisteredTenant,
  at: Date,
  work: (archive: ArchivePlace) => Promise<T>,
): Promise<T> =>
  usingKey(runtime.target.tenantKeys.load(tenant.id), (key) =>
    withArchiveUnder(key, runtime, tenant, at, work),
  );

const withArchiveUnder = async <T>(
  key: TenantKey,
  runtime: Runtime,
  tenant: RegisteredTenant,
  at: Date,
  work: (archive: ArchivePlace) => Promise<T>,
): Promise<T> => {
  const folder = scratchDir(runtime.project, `restore-${tenant.slug}`);
  rmSync(folder, { recursive: true, force: true });
  const backupId = randomUUID();
  const archive = {
    tenantId: tenant.id,
    key,
    store: folderStore(folder),
    objectKey: archiveObjectKey(tenant.id, backupId),
    backupId,
  };
  try {
    await fromItsHome(runtime, tenant, at, archive);
    runtime.reached('archive-taken');
    return await work(archive);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Asks one cell after the other. */
const fromItsHome = async (
  runtime: Runtime,
  { id, slug }: RegisteredTenant,
  at: Date,
  archive: ArchivePlace,
): Promise<void> => {
  const cells = await cellsAt(runtime, id, at);
  const beyond: unknown[] = [];
  for (const cell of cells) {
    try {
      const isTaken = await inCellAt(runtime, cell, at, async (copy) => {
        if (!(await isHomeOf(copy, id))) return false;
        await takeBackup({ ...archive, ...(await cellAccess(runtime, cell, copy)), now: runtime.now });
        return true;
      });
      if (isTaken) return;
    } catch (error) {
      if (!(error instanceof RingfenceError) || error.code !== 'backup_not_found') throw error;
      beyond.push(error);
    }
  }
  const [first] = beyond;
  if (first && beyond.length === cells.length) throw first;
  throw new RingfenceError(
    'tenant_not_found',
    `tenant ${slug} was not at home in cell ${cells.join(', nor in ')} at ${at.toISOString()}`,
    {
      fix: 'choose another moment, or an earlier backup of `ringfence backups list`',
      cause: first,
    },
  );
};
