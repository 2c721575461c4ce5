import { withConnection } from '../../data-plane/database/connect.js';
import { countInCell } from '../../data-plane/erasure/inspect-cell.js';
import { isKeyCopy } from '../../data-plane/keys/key-copy.js';
import { wrappedKeys } from '../keys/store.js';
import type { Runtime } from '../runtime.js';
import type { Inventory } from '../tenants/erasures.js';
import { listObjects } from './objects.js';
import { type OpenErasure, subjectOf } from './subject.js';

/** Counts the tenant's data before anything is erased. */
export const takeInventory = async (runtime: Runtime, erasure: OpenErasure): Promise<Inventory> => {
  const rows: Record<string, number> = {};
  let scratchCopies = 0;
  for (const cell of erasure.cells) {
    const admin = await runtime.target.adminConnection(cell);
    const counts = await withConnection(admin, (client) => countInCell(client, subjectOf(erasure)));
    for (const [table, count] of Object.entries(counts.rows)) rows[table] = (rows[table] ?? 0) + count;
    scratchCopies += counts.scratchCopies;
  }
  const versions = await wrappedKeys(runtime.control).list(erasure.tenantId);
  return {
    rows,
    clinics: erasure.clinicIds.length,
    keyVersions: versions.length,
    objects: (await listObjects(runtime, erasure)).filter(({ key }) => !isKeyCopy(key)).length,
    scratchCopies,
  };
};
