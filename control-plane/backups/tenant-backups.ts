import { restoreToFiles } from '../../data-plane/backup/tenant/restore/to-files.js';
import {
  dropSchemaCopy,
  restoreToSchema,
  type SchemaCopy,
} from '../../data-plane/backup/tenant/restore/to-schema.js';
import { verifyBackup } from '../../data-plane/backup/tenant/verify.js';
import type { Runtime } from '../runtime.js';
import { getTenant } from '../tenants/store.js';
import { withTenant } from '../tenants/tenant-lock.js';
import { type BackupOptions, type BackupSummary, backUpAndVerify } from './backup-tenant.js';
import { fromSource, type Restored, type RestoreRequest } from './restore-source.js';
import { type BackupRecord, chooseBackup, recordBackupVerified } from './store.js';
import { withBackup } from './with-backup.js';

/** Takes and verifies a backup of a deployed tenant now. */
export const backUpTenant = (
  runtime: Runtime,
  slug: string,
  options: BackupOptions,
): Promise<BackupSummary> =>
  withTenant(runtime, slug, async () =>
    backUpAndVerify(runtime, await getTenant(runtime.control, slug), options),
  );

/** Restores a backup into a scratch copy and compares digests. */
export const verifyTenantBackup = (
  runtime: Runtime,
  slug: string,
  backupId?: string,
): Promise<BackupRecord> =>
  withTenant(runtime, slug, async () => {
    const tenant = await getTenant(runtime.control, slug);
    return withBackup(runtime, tenant, backupId, async ({ backup, source }) => {
      await verifyBackup(source);
      await recordBackupVerified(runtime.control, backup.id);
      return chooseBackup(runtime.control, backup.tenantId, backup.id);
    });
  });

/** Copies rows of a backup into a schema of the cell that only administrators read. */
export const restoreTenantToSchema = (
  runtime: Runtime,
  slug: string,
  request: RestoreRequest,
): Promise<SchemaCopy & Restored> =>
  withTenant(runtime, slug, async () =>
    fromSource(
      runtime,
      await getTenant(runtime.control, slug),
      request,
      async (source, restored): Promise<SchemaCopy & Restored> => ({
        ...(await restoreToSchema(source)),
        ...restored,
      }),
      { mayBeEmpty: true },
    ),
  );

/** Writes rows of a backup into CSV files. */
export const restoreTenantToFiles = (
  runtime: Runtime,
  slug: string,
  request: RestoreRequest,
  folder: string,
): Promise<Pick<SchemaCopy, 'tables' | 'changes'> & Restored> =>
  withTenant(runtime, slug, async () =>
    fromSource(
      runtime,
      await getTenant(runtime.control, slug),
      request,
      async (source, restored) => ({ ...(await restoreToFiles(source, folder)), ...restored }),
      { mayBeEmpty: true },
    ),
  );

/** Removes a copy that `restoreTenantToSchema` made. */
export const dropTenantSchema = (runtime: Runtime, slug: string, schema: string): Promise<void> =>
  withTenant(runtime, slug, async () => {
    const tenant = await getTenant(runtime.control, slug);
    await dropSchemaCopy(await runtime.target.adminConnection(tenant.cell), tenant.id, schema);
  });
