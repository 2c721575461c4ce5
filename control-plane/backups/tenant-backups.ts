import { type RestoreReport, restoreBackup } from '../../data-plane/backup/tenant/restore/restore.js';
import type { RestoreSelection } from '../../data-plane/backup/tenant/restore/restore-plan.js';
import { restoreToFiles } from '../../data-plane/backup/tenant/restore/to-files.js';
import {
  dropSchemaCopy,
  restoreToSchema,
  type SchemaCopy,
} from '../../data-plane/backup/tenant/restore/to-schema.js';
import { verifyBackup } from '../../data-plane/backup/tenant/verify.js';
import { recordOperation } from '../operation/record-operation.js';
import type { Runtime } from '../runtime.js';
import { getTenant } from '../tenants/store.js';
import { withTenant } from '../tenants/tenant-lock.js';
import { type BackupOptions, type BackupSummary, backUpAndVerify } from './backup-tenant.js';
import { withBackup } from './open-backup.js';
import { refuseLoss } from './restore-loss.js';
import { fromSource, type Restored, type RestoreRequest, selectRows } from './restore-source.js';
import { type BackupRecord, chooseBackup, recordBackupVerified } from './store.js';

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

interface InPlace extends RestoreRequest, Pick<RestoreSelection, 'mode' | 'newestBy'> {
  /** How many rows somebody agreed to lose, where more go than come back. Default: 0. */
  readonly agreedDeletions?: number;
}

/**
 * Brings rows of a tenant back to a backup, in one transaction; everything else is untouched.
 * @throws RingfenceError `confirmation_missing`, and nothing is changed, when more rows would go than come back and than
 *   somebody agreed to.
 */
export const restoreTenant = (
  runtime: Runtime,
  slug: string,
  request: InPlace,
): Promise<RestoreReport & Restored> =>
  withTenant(runtime, slug, async () => {
    const tenant = await getTenant(runtime.control, slug);
    selectRows(tenant, request);
    const { mode, newestBy, dryRun, agreedDeletions = 0 } = request;
    const restore = () =>
      fromSource(runtime, tenant, request, async (source, restored) => {
        const report = await restoreBackup(
          { ...source, ...(mode && { mode }), ...(newestBy && { newestBy }) },
          (planned) => dryRun || refuseLoss(slug, planned, agreedDeletions),
        );
        runtime.reached('restored');
        return { ...report, ...restored };
      });
    return dryRun
      ? restore()
      : recordOperation(runtime, { tenantId: tenant.id, slug, kind: 'restore' }, restore);
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
