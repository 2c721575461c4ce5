import { parseCondition } from '../../data-plane/backup/tenant/restore/conditions.js';
import { type RestoreReport, restoreBackup } from '../../data-plane/backup/tenant/restore/restore.js';
import type { RestoreSelection } from '../../data-plane/backup/tenant/restore/restore-plan.js';
import { restoreToFiles } from '../../data-plane/backup/tenant/restore/to-files.js';
import {
  dropSchemaCopy,
  restoreToSchema,
  type SchemaCopy,
} from '../../data-plane/backup/tenant/restore/to-schema.js';
import type { ArchivePlace } from '../../data-plane/backup/tenant/take.js';
import { verifyBackup } from '../../data-plane/backup/tenant/verify.js';
import type { Connection } from '../../data-plane/database/connect.js';
import { readTableName } from '../../data-plane/database/table-name.js';
import { RingfenceError } from '../../tenants/errors.js';
import { type BackupRecord, chooseBackup, listBackups, recordBackupVerified } from '../registry/backups.js';
import { getTenant, type RegisteredTenant } from '../registry/tenants.js';
import type { Runtime } from '../runtime.js';
import { type BackupOptions, type BackupSummary, backUpAndVerify } from './backup-tenant.js';
import { withBackup } from './open-backup.js';
import { withArchiveAt } from './point-in-time.js';
import { recordOperation } from './record-operation.js';
import { withTenant } from './tenant-lock.js';

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

export interface RestoreRequest {
  /** This one, or the last verified one that was begun at or before `at`, or else the newest verified one. */
  readonly backupId?: string;
  readonly at?: Date;
  /** The rows as they were at this moment, out of the cell's history instead of a backup. */
  readonly to?: Date;
  /** `schema.table`; empty for all. */
  readonly tables: readonly string[];
  /** Slugs; empty for all. */
  readonly clinics: readonly string[];
  /** `column=value`; all of them hold for the rows that the scope starts from. */
  readonly where: readonly string[];
  readonly dryRun: boolean;
}

interface Restored {
  /** Null for a moment out of the cell's history. */
  readonly backupId: string | null;
  /** When the rows were as they were restored. */
  readonly takenAt: Date;
}

/** Brings rows of a tenant back to a backup, in one transaction; everything else is untouched. */
export const restoreTenant = (
  runtime: Runtime,
  slug: string,
  request: RestoreRequest & Pick<RestoreSelection, 'mode' | 'newestBy'>,
): Promise<RestoreReport & Restored> =>
  withSource(runtime, slug, request, async ({ source, restored, tenantId }) => {
    const restore = async () => {
      const { mode, newestBy } = request;
      const report = await restoreBackup({ ...source, ...(mode && { mode }), ...(newestBy && { newestBy }) });
      runtime.reached('restored');
      return { ...report, ...restored };
    };
    return request.dryRun
      ? restore()
      : recordOperation(runtime, { tenantId, slug, kind: 'restore' }, restore);
  });

/** Copies rows of a backup into a schema of the cell that only administrators read. */
export const restoreTenantToSchema = (
  runtime: Runtime,
  slug: string,
  request: RestoreRequest,
): Promise<SchemaCopy & Restored> =>
  withSource(runtime, slug, request, async ({ source, restored }) => ({
    ...(await restoreToSchema(source)),
    ...restored,
  }));

/** Writes rows of a backup into CSV files. */
export const restoreTenantToFiles = (
  runtime: Runtime,
  slug: string,
  request: RestoreRequest,
  folder: string,
): Promise<Pick<SchemaCopy, 'tables' | 'changes'> & Restored> =>
  withSource(runtime, slug, request, async ({ source, restored }) => ({
    ...(await restoreToFiles(source, folder)),
    ...restored,
  }));

/** Removes a copy that `restoreTenantToSchema` made. */
export const dropTenantSchema = (runtime: Runtime, slug: string, schema: string): Promise<void> =>
  withTenant(runtime, slug, async () => {
    const tenant = await getTenant(runtime.control, slug);
    await dropSchemaCopy(await runtime.target.adminConnection(tenant.cell), tenant.id, schema);
  });

const withSource = <T>(
  runtime: Runtime,
  slug: string,
  request: RestoreRequest,
  work: (restore: {
    readonly source: Parameters<typeof restoreBackup>[0];
    readonly restored: Restored;
    readonly tenantId: string;
  }) => Promise<T>,
): Promise<T> =>
  withTenant(runtime, slug, async () => {
    const where = request.where.map(parseCondition);
    const tables = request.tables.map((table) => readTableName(table) ?? table);
    const tenant = await getTenant(runtime.control, slug);
    const clinicIds = request.clinics.map((clinic) => clinicIdOf(tenant, clinic));
    const restoreFrom = (archive: ArchivePlace & { readonly admin: Connection }, restored: Restored) =>
      work({
        source: {
          ...archive,
          ...(request.to ? { pointInTime: request.to } : {}),
          ...(tables.length > 0 ? { tables } : {}),
          ...(clinicIds.length > 0 ? { clinicIds: [...new Set(clinicIds)] } : {}),
          where,
          dryRun: request.dryRun,
        },
        restored,
        tenantId: tenant.id,
      });
    if (request.to) {
      const takenAt = request.to;
      const admin = await runtime.target.adminConnection(tenant.cell);
      return withArchiveAt(runtime, tenant, takenAt, (archive) =>
        restoreFrom({ ...archive, admin }, { backupId: null, takenAt }),
      );
    }
    const backupId = request.at ? await lastBackupAt(runtime, tenant.id, request.at) : request.backupId;
    return withBackup(runtime, tenant, backupId, ({ backup, source }) =>
      restoreFrom(source, { backupId: backup.id, takenAt: backup.startedAt }),
    );
  });

const clinicIdOf = ({ slug, clinicIds }: RegisteredTenant, clinic: string): string => {
  const id = Object.hasOwn(clinicIds, clinic) ? clinicIds[clinic] : undefined;
  if (id !== undefined) return id;
  throw new RingfenceError('clinic_not_found', `tenant ${slug} has no clinic ${clinic}`, {
    fix: `choose from: ${Object.keys(clinicIds).sort().join(', ')}`,
  });
};

/** The last verified backup that was begun at or before a time. */
const lastBackupAt = async (runtime: Runtime, tenantId: string, at: Date): Promise<string> => {
  const verified = (await listBackups(runtime.control, tenantId)).filter(({ state }) => state === 'verified');
  const chosen = verified.find(({ startedAt }) => startedAt <= at);
  if (chosen) return chosen.id;
  const [newest, oldest] = [verified[0], verified.at(-1)];
  throw new RingfenceError(
    'backup_not_found',
    `the tenant has no verified backup of ${at.toISOString()} or before`,
    {
      fix:
        newest && oldest
          ? `the oldest is of ${oldest.startedAt.toISOString()}, the newest of ${newest.startedAt.toISOString()}`
          : 'take one with `ringfence backups run`',
    },
  );
};
