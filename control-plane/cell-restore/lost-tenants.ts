import { tenantDigest } from '../../data-plane/backup/tenant/digest.js';
import { withConnection } from '../../data-plane/database/connect.js';
import { countTenantRows } from '../../data-plane/enrolment/count-rows.js';
import { lastVerifiedBackup } from '../backups/backup-tenant.js';
import type { Runtime } from '../runtime.js';
import { listTenants, type RegisteredTenant } from '../tenants/store.js';

/** Registered tenants of a cell, by slug. */
export const tenantsOf = async ({ control }: Runtime, cell: string): Promise<RegisteredTenant[]> =>
  (await listTenants(control)).filter((tenant) => tenant.cell === cell);

/** Rows of each tenant that is in a cell, by id. */
export const rowsInCell = async (runtime: Runtime, cell: string): Promise<ReadonlyMap<string, number>> => {
  const found = await withConnection(await runtime.target.adminConnection(cell), countTenantRows);
  return new Map(found.map(({ id, rows }) => [id, rows]));
};

/**
 * Slugs of the deployed tenants that the cell has lost: it lacks them, or has no row of them while their last backup has
 * some. The latter is the work of a killed run that had enrolled them again. A tenant that deletes everything still has
 * rows in its audit log.
 */
export const lostTenants = async (runtime: Runtime, cell: string): Promise<string[]> => {
  const rows = await rowsInCell(runtime, cell);
  const lost: string[] = [];
  for (const { id, slug, deployedAt } of await tenantsOf(runtime, cell)) {
    if (deployedAt === null || (rows.get(id) ?? 0) > 0) continue;
    const isEmptied = ((await lastVerifiedBackup(runtime, id))?.rows ?? 0) > 0;
    if (!rows.has(id) || isEmptied) lost.push(slug);
  }
  return lost;
};

/**
 * Slugs of the tenants whose last verified backup is younger than the restored history: the backup has changes whose WAL
 * was lost.
 * @param lastCommitAt of the cell's history as it came back.
 */
export const outrunTenants = async (
  runtime: Runtime,
  cell: string,
  lastCommitAt: Date,
): Promise<string[]> => {
  const admin = await runtime.target.adminConnection(cell);
  const outrun: string[] = [];
  for (const { id, slug } of await tenantsOf(runtime, cell)) {
    const backup = await lastVerifiedBackup(runtime, id);
    if (!backup || backup.startedAt <= lastCommitAt) continue;
    if ((await tenantDigest(admin, id)).digest !== backup.digest) outrun.push(slug);
  }
  return outrun;
};
