import { withConnection } from '../../data-plane/database/connect.js';
import { eraseFromCell } from '../../data-plane/erasure/erase-from-cell.js';
import { inspectCell } from '../../data-plane/erasure/inspect-cell.js';
import { listAllBackups, recordBackupExpired, recordBackupRemoved } from '../backups/store.js';
import { keyWraps } from '../keys/store.js';
import type { Runtime } from '../runtime.js';
import { type Erasure, forgetSlugInOperations, listErasures } from '../tenants/erasures.js';
import { findTenantById } from '../tenants/store.js';
import { eraseStack, manifestFiles, removeFiles } from './remains.js';
import { objectPrefix, subjectOf } from './subject.js';
import { destroyKey, forgetRoutes } from './take-away.js';

/** Something of an erased tenant that an older copy of a part had brought back, and that is gone again. */
export interface ErasedAgain {
  readonly tenantId: string;
  /** `rows in <cell>`, `objects`, `key`, `records`. */
  readonly what: readonly string[];
}

/**
 * Looks for remains of erased tenants and erases them again. An older control database, data folder or copy of the objects
 * can bring them back. Passes over cells that cannot be reached.
 */
export const eraseAgain = async (runtime: Runtime): Promise<ErasedAgain[]> => {
  const again: ErasedAgain[] = [];
  for (const erasure of await listErasures(runtime.control)) {
    if (erasure.state !== 'done') continue;
    const what = [
      ...(await fromCells(runtime, erasure)),
      ...(await objectsOf(runtime, erasure)),
      ...(await keyOf(runtime, erasure)),
      ...(await recordsOf(runtime, erasure)),
    ];
    if (what.length > 0) again.push({ tenantId: erasure.tenantId, what });
  }
  return again;
};

const fromCells = async ({ target }: Runtime, erasure: Erasure): Promise<string[]> => {
  const found: string[] = [];
  for (const cell of erasure.cells) {
    const server = await target.server(cell).catch(() => undefined);
    if (!server || !['running', 'stopped'].includes(await server.state())) continue;
    const admin = await target.adminConnection(cell);
    const checks = await withConnection(admin, (client) => inspectCell(client, cell, subjectOf(erasure)));
    if (checks.every((check) => check.found === 0)) continue;
    await eraseFromCell(admin, subjectOf(erasure));
    found.push(`rows in ${cell}`);
  }
  return found;
};

const objectsOf = async ({ target }: Runtime, { cells, tenantId }: Erasure): Promise<string[]> => {
  let deleted = 0;
  for (const cell of cells) {
    const store = target.objects.at(target.objects.place, cell);
    for await (const { key } of store.list(objectPrefix(tenantId))) {
      await store.delete(key);
      deleted++;
    }
  }
  return deleted > 0 ? [`${deleted} objects`] : [];
};

const keyOf = async (runtime: Runtime, erasure: Erasure): Promise<string[]> => {
  if ((await keyWraps(runtime.control).list(erasure.tenantId)).length === 0) return [];
  await destroyKey(runtime, erasure);
  return ['key'];
};

/** The tenant's remains in the control database, with the files that are found by its slug. */
const recordsOf = async (runtime: Runtime, { tenantId }: Erasure): Promise<string[]> => {
  const { control, project } = runtime;
  const tenant = await findTenantById(control, tenantId);
  if (!tenant) return [];
  for (const { id } of await listAllBackups(control, tenantId)) {
    await recordBackupExpired(control, id);
    await recordBackupRemoved(control, id);
  }
  await forgetRoutes(runtime, { tenantId, slug: tenant.slug });
  await forgetSlugInOperations(control, tenantId);
  await eraseStack(runtime, tenant.slug);
  removeFiles(manifestFiles(project, tenant.slug));
  return ['records'];
};
