import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { placeOfData } from '../../data-plane/database/server/data-owner.js';
import { keptAt } from '../../data-plane/database/server/set-aside.js';
import { wrappedKeys } from '../keys/store.js';
import { controlDir } from '../project/control-database.js';
import type { Runtime } from '../runtime.js';
import type { Erasure } from '../tenants/erasures.js';

/**
 * Folders that restores kept aside and that may have the tenant's rows or its wrapped key: data, archives and base backups of the
 * control database and of its cells, put aside after the tenant had a key. Only whoever kept them may remove them.
 */
export const keptData = async (runtime: Runtime, { tenantId, cells }: Erasure): Promise<string[]> => {
  const [first] = await wrappedKeys(runtime.control).list(tenantId);
  const since = first?.createdAt ?? new Date(0);
  const dirs = [controlDir(runtime.project), ...cells.map((cell) => runtime.target.cellDir(cell))];
  return dirs.filter(existsSync).flatMap((dir) => {
    const around = dirname(placeOfData(dir));
    return (existsSync(around) ? readdirSync(around) : [])
      .filter((name) => (keptAt(name)?.getTime() ?? 0) >= since.getTime())
      .map((name) => join(around, name));
  });
};
