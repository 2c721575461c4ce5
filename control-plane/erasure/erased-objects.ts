import type pg from 'pg';
import type { ObjectStores } from '../../stacks/protocol/provider/dependencies.js';
import { keyWraps } from '../keys/store.js';
import { listErasures } from '../tenants/erasures.js';

/** `<cell>/<tenant id>/...`: backups, and copies of wrapped keys. */
const OBJECT = /^([a-z][a-z0-9-]*)\/([0-9a-f-]{36})\//;
const FIX = '`ringfence control reconcile` removes them';

/**
 * Returns a sentence for each object or key of an erased tenant that is there. An older copy of a part can bring one back.
 * @param cell searches this cell's objects only; all cells when left out.
 */
export const findErasedObjects = async (
  control: pg.Pool,
  objects: ObjectStores,
  cell?: string,
): Promise<string[]> => {
  const erased = new Set(
    (await listErasures(control)).flatMap(({ state, tenantId }) => (state === 'done' ? [tenantId] : [])),
  );
  if (erased.size === 0) return [];
  const counts = new Map<string, number>();
  for await (const { key } of objects.all(objects.place).list(cell === undefined ? '' : `${cell}/`)) {
    const [, place = '', tenantId = ''] = OBJECT.exec(key) ?? [];
    const what = `tenant ${tenantId}, which was erased, are among those of ${place}`;
    if (erased.has(tenantId)) counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  const keys = await openKeys(control, erased);
  return [
    ...[...counts].map(([what, count]) => `${count} objects of ${what}: ${FIX}`),
    ...keys.map((id) => `keys of tenant ${id}, which was erased, are in the control database: ${FIX}`),
  ];
};

const openKeys = async (control: pg.Pool, erased: ReadonlySet<string>): Promise<string[]> => {
  const open: string[] = [];
  for (const id of erased) if ((await keyWraps(control).list(id)).length > 0) open.push(id);
  return open;
};
