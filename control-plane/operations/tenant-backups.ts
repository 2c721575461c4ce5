import { type RestoreReport, restoreBackup } from '../../data-plane/backup/tenant/restore.js';
import { verifyBackup } from '../../data-plane/backup/tenant/verify.js';
import { type BackupRecord, chooseBackup, recordBackupVerified } from '../registry/backups.js';
import { getTenant } from '../registry/tenants.js';
import type { Runtime } from '../runtime.js';
import { type BackupSummary, backUpAndVerify } from './backup-tenant.js';
import { recordOperation } from './record-operation.js';
import { withTenant } from './tenant-lock.js';

/** Takes and verifies a backup of a deployed tenant now. */
export const backUpTenant = (runtime: Runtime, slug: string): Promise<BackupSummary> =>
  withTenant(runtime, slug, async () => backUpAndVerify(runtime, await getTenant(runtime.control, slug)));

/** Restores a backup into a scratch copy and compares digests. */
export const verifyTenantBackup = (
  runtime: Runtime,
  slug: string,
  backupId?: string,
): Promise<BackupRecord> =>
  withTenant(runtime, slug, async () => {
    const { backup, source } = await openBackup(runtime, slug, backupId);
    await verifyBackup(source);
    await recordBackupVerified(runtime.control, backup.id);
    return chooseBackup(runtime.control, backup.tenantId, backup.id);
  });

export interface RestoreRequest {
  readonly backupId?: string;
  /** `schema.table`; empty for all. */
  readonly tables: readonly string[];
  readonly dryRun: boolean;
}

/** Brings a tenant's rows back to a backup, in one transaction; other tenants are untouched. */
export const restoreTenant = (
  runtime: Runtime,
  slug: string,
  request: RestoreRequest,
): Promise<RestoreReport & { backupId: string }> =>
  withTenant(runtime, slug, async () => {
    const { backup, source } = await openBackup(runtime, slug, request.backupId);
    const restore = async () => {
      const tables = request.tables.length > 0 ? { tables: request.tables } : {};
      const report = await restoreBackup({ ...source, ...tables, dryRun: request.dryRun });
      runtime.reached('restored');
      return { ...report, backupId: backup.id };
    };
    if (request.dryRun) return restore();
    return recordOperation(runtime, { tenantId: backup.tenantId, slug, kind: 'restore' }, restore);
  });

const openBackup = async (runtime: Runtime, slug: string, backupId: string | undefined) => {
  const tenant = await getTenant(runtime.control, slug);
  const backup = await chooseBackup(runtime.control, tenant.id, backupId);
  const source = {
    admin: await runtime.target.adminConnection(tenant.cell),
    tenantId: tenant.id,
    key: await runtime.target.tenantKeys.load(tenant.id, backup.keyVersion),
    store: runtime.target.objects(backup.cell),
    objectKey: backup.objectKey,
    backupId: backup.id,
  };
  return { backup, source };
};
