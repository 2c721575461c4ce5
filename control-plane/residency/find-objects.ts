import { RingfenceError } from '../../core/errors.js';
import { orUnknown, type Whereabouts } from '../../core/whereabouts.js';
import { isKeyCopy, listKeyCopies } from '../../data-plane/keys/key-copy.js';
import { objectPrefix } from '../erasure/subject.js';
import { CONTROL } from '../project/control-database.js';
import type { Runtime } from '../runtime.js';
import type { Finding, Part } from './finding.js';
import { listPlaces, listStores } from './store.js';

/** Findings, and the root keys that the copies of wrapped keys among the objects need. */
interface FoundObjects {
  readonly findings: readonly Finding[];
  readonly rootKeyIds: readonly string[];
}

/** Where the objects of a tenant are, with a record or without: each store that may have any is listed. */
export const findObjects = async (runtime: Runtime, tenantId: string): Promise<FoundObjects> => {
  const { control, target } = runtime;
  const stores = await listStores(control, tenantId, target.objects.place);
  const found = await Promise.all(
    stores.map((store) =>
      lookInto(runtime, store, objectPrefix(tenantId), { objects: 'backups', copies: 'key-copies' }),
    ),
  );
  return merged(found);
};

/** Where the backups of the control database are. */
export const findControlObjects = async (runtime: Runtime): Promise<FoundObjects> => {
  const places = await listPlaces(runtime.control, runtime.target.objects.place);
  const parts = { objects: 'control-backups', copies: 'control-backups' } as const;
  const found = await Promise.all(
    places.map((place) => lookInto(runtime, { place, cell: CONTROL }, '', parts)),
  );
  return merged(found);
};

const merged = (found: readonly FoundObjects[]): FoundObjects => ({
  findings: found.flatMap(({ findings }) => findings),
  rootKeyIds: [...new Set(found.flatMap(({ rootKeyIds }) => rootKeyIds))],
});

const lookInto = async (
  { target }: Runtime,
  { place, cell }: { readonly place: string; readonly cell: string },
  prefix: string,
  parts: { readonly objects: Part; readonly copies: Part },
): Promise<FoundObjects> => {
  const where = `${place}, ${cell}`;
  const owner = cell === CONTROL ? null : cell;
  const finding = (part: Part, found: Whereabouts): Finding => ({ part, cell: owner, declared: null, found });
  const counts = new Map<Part, number>([
    [parts.objects, 0],
    [parts.copies, 0],
  ]);
  const rootKeyIds: string[] = [];
  try {
    const store = target.objects.at(place, cell);
    for await (const { key } of store.list(prefix)) {
      const part = isKeyCopy(key) ? parts.copies : parts.objects;
      counts.set(part, (counts.get(part) ?? 0) + 1);
    }
    for await (const { rootKeyId } of listKeyCopies(store, prefix === '' ? undefined : prefix.slice(0, -1)))
      rootKeyIds.push(rootKeyId);
  } catch (error) {
    if (!(error instanceof RingfenceError)) throw error;
    const evidence = `[${error.code}] ${error.message}`;
    return {
      findings: [...counts.keys()].map((part) => finding(part, { what: where, answer: 'unknown', evidence })),
      rootKeyIds,
    };
  }
  const places = await orUnknown(where, () => target.objects.whereabouts(place));
  const findings = [...counts].flatMap(([part, count]) =>
    count === 0
      ? finding(part, { what: where, answer: 'none', evidence: 'listed: there is no object' })
      : places.map((found) =>
          finding(part, { ...found, evidence: `${count} objects listed; ${found.evidence}` }),
        ),
  );
  return { findings, rootKeyIds };
};
