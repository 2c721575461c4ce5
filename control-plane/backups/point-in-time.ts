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

/**
 * Takes an archive of a tenant out of its cell as the cell was at a moment, and runs `work` on it. The archive lies in a
 * folder of this project, encrypted as every backup, until `work` ends. Removes the remains of killed runs first. The
 * caller holds the tenant's lock.
 *
 * @throws RingfenceError as `CellHistory.inCopyAt` and `takeBackup`; tenant_not_found when it was not in the cell then.
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
    await inCellAt(runtime, tenant.cell, at, async (copy) =>
      takeBackup({
        ...archive,
        ...(await cellAccess(runtime, tenant.cell, copy)),
        now: runtime.now,
      }),
    );
    runtime.reached('archive-taken');
    return await work(archive);
  } catch (error) {
    throw explain(error, tenant, at);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const explain = (error: unknown, { slug, cell }: RegisteredTenant, at: Date): unknown =>
  error instanceof RingfenceError && error.code === 'tenant_not_found'
    ? new RingfenceError(
        'tenant_not_found',
        `tenant ${slug} was not in cell ${cell} at ${at.toISOString()}`,
        {
          fix: 'choose a later time, or an earlier backup of `ringfence backups list`',
          cause: error,
        },
      )
    : error;
