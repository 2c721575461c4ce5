import { withConnection } from '../../data-plane/database/connect.js';
import type { EnrolledClinic } from '../../data-plane/enrolment/enrolment.js';
import { readEnrolment } from '../../data-plane/enrolment/read-enrolment.js';
import { usingKey } from '../../data-plane/keys/using-keys.js';
import { readQuota } from '../../data-plane/quotas/quota.js';
import type { Quotas } from '../../manifest/quotas.js';
import { type BackupRecord, listBackups } from '../backups/store.js';
import { type Cell, getCell } from '../cells/store.js';
import { type Opening, openingAt } from '../jobs/maintenance-window.js';
import type { Runtime } from '../runtime.js';
import { getTenant, type RegisteredTenant } from '../tenants/store.js';

/** A tenant as the control plane and its cell know it. */
export interface TenantStatus {
  readonly tenant: RegisteredTenant;
  readonly cell: Cell;
  /** Where its rows are; `user` is the login of its own, where it has one. */
  readonly connection: {
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly user: string | null;
  };
  readonly clinics: readonly EnrolledClinic[];
  readonly quotas: Quotas | null;
  readonly keyVersion: number;
  readonly backupSchedule: Awaited<ReturnType<Runtime['target']['schedules']['get']>> | null;
  /** Newest first. */
  readonly backups: readonly BackupRecord[];
  /** When it may be worked on next; null for one without a window. */
  readonly nextMaintenance: Opening | null;
}

/** @throws RingfenceError `tenant_not_found` */
export const tenantStatus = async (runtime: Runtime, slug: string): Promise<TenantStatus> => {
  const { control, target } = runtime;
  const tenant = await getTenant(control, slug);
  const cell = await getCell(control, tenant.cell);
  const admin = await target.adminConnection(cell.name);
  const { enrolment, quotas } = await withConnection(admin, async (client) => ({
    enrolment: await readEnrolment(client, tenant.id),
    quotas: await readQuota(client, tenant.id),
  }));
  const { host, port, database } = admin;
  return {
    tenant,
    cell,
    connection: { host, port, database, user: enrolment?.loginRole ?? null },
    clinics: enrolment?.clinics ?? [],
    quotas: quotas ?? null,
    keyVersion: await usingKey(target.tenantKeys.load(tenant.id), ({ version }) => version),
    backupSchedule: (await target.schedules.get(tenant.id)) ?? null,
    backups: await listBackups(control, tenant.id),
    nextMaintenance: tenant.maintenanceWindow && openingAt(tenant.maintenanceWindow, runtime.now()),
  };
};
