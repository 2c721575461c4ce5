import { eraseFromCell } from '../../data-plane/erasure/erase-from-cell.js';
import type { KeyCopy } from '../../data-plane/keys/key-copy.js';
import { RingfenceError } from '../../tenants/errors.js';
import { subjectOf } from '../erasure/subject.js';
import { listAllBackups, recordBackupExpired, recordBackupRemoved } from '../registry/backups.js';
import { listErasures } from '../registry/erasures.js';
import { readProject } from '../registry/project.js';
import { forgetTenant } from '../registry/tenants.js';
import { wrappedKeys } from '../registry/wrapped-keys.js';
import type { Runtime } from '../runtime.js';
import { type OpenedArchive, openFound, recordFound, registerDescribed } from './adopt-archive.js';
import { takeErasureNotes } from './erasure-notes.js';
import { type FoundArchive, findArchives } from './found-archives.js';

/** What a catalogue was told by the objects that are there. */
export interface Reconciled {
  /** Versions of tenant keys that it did not have. */
  readonly keys: number;
  /** Backups that it did not have, and backups whose object is gone. */
  readonly backups: number;
  readonly goneBackups: number;
  /** Slugs of tenants that it did not have. */
  readonly tenants: readonly string[];
  /** Ids of tenants that were erased after what it knows. */
  readonly erased: readonly string[];
  /** What could not be taken over: the object, and why. */
  readonly left: readonly { readonly object: string; readonly why: string }[];
}

/**
 * Brings a control database that is older than the objects, or empty, up to what those say: keys, backups, tenants, erasures.
 * Nothing that it knows is changed but for what was erased since. Can be done again at any time.
 */
export const reconcile = async (runtime: Runtime): Promise<Reconciled> => {
  const { control, target } = runtime;
  const { id } = await readProject(control);
  const { erased, unknownBefore } = await takeErasureNotes(runtime, id);
  for (const tenantId of unknownBefore) await forgetErased(runtime, tenantId);
  const { archives, keyCopies } = await findArchives(target.objects, target.objects.place);
  const keys = await takeKeys(runtime, keyCopies, erased);
  const known = await knownBackups(runtime);
  const left: { object: string; why: string }[] = [];
  const opened: OpenedArchive[] = [];
  for (const found of archives.filter(
    ({ backupId, tenantId }) => !known.has(backupId) && !erased.has(tenantId),
  )) {
    const archive = await openFound(runtime, found).catch((error: unknown) => {
      left.push({
        object: nameOf(found),
        why: error instanceof RingfenceError ? error.message : String(error),
      });
      return undefined;
    });
    if (archive) opened.push(archive);
  }
  const tenants = await registerUnknown(runtime, opened, left);
  // An incremental backup comes after what it refers to.
  const inOrder = [...opened].sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
  for (const archive of inOrder) await recordFound(control, archive);
  return {
    keys,
    backups: opened.length,
    goneBackups: await noteGone(runtime),
    tenants,
    erased: unknownBefore,
    left,
  };
};

const nameOf = ({ place, cell, objectKey }: FoundArchive): string => `${place}: ${cell}/${objectKey}`;

const takeKeys = async (
  { control }: Runtime,
  copies: readonly KeyCopy[],
  erased: ReadonlySet<string>,
): Promise<number> => {
  const store = wrappedKeys(control);
  let taken = 0;
  for (const copy of copies) {
    if (erased.has(copy.tenantId) || (await store.get(copy.tenantId, copy.version))) continue;
    await store.put(copy);
    taken++;
  }
  return taken;
};

const knownBackups = async ({ control }: Runtime): Promise<ReadonlySet<string>> =>
  new Set((await control.query<{ id: string }>('SELECT id FROM control.backups')).rows.map(({ id }) => id));

/** By the newest archive of each: it says what the tenant was last. */
const registerUnknown = async (
  { control, target }: Runtime,
  opened: readonly OpenedArchive[],
  left: { object: string; why: string }[],
): Promise<string[]> => {
  const { rows } = await control.query<{ id: string }>('SELECT id FROM control.tenants');
  const known = new Set(rows.map(({ id }) => id));
  const slugs: string[] = [];
  for (const archive of [...opened].sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime())) {
    if (known.has(archive.tenantId)) continue;
    known.add(archive.tenantId);
    if (!archive.about) {
      left.push({
        object: nameOf(archive),
        why: 'it does not describe its tenant: add the tenant by its manifest',
      });
      continue;
    }
    const rootKeyId = await target.keyRoot.ensureRoot(archive.about.cell.name, { mayCreate: false });
    await registerDescribed(control, archive.tenantId, archive.about, { ...archive, rootKeyId });
    slugs.push(archive.about.slug);
  }
  return slugs.sort();
};

/** Backups that were pruned after what the control database knows. */
const noteGone = async ({ control, target }: Runtime): Promise<number> => {
  const { rows } = await control.query<{ id: string; place: string; cell: string; objectKey: string }>(
    `SELECT id, place, cell, object_key AS "objectKey" FROM control.backups WHERE state IN ('stored', 'verified')`,
  );
  let gone = 0;
  for (const { id, place, cell, objectKey } of rows) {
    if (await target.objects.at(place, cell).stat(objectKey)) continue;
    await recordBackupExpired(control, id);
    await recordBackupRemoved(control, id);
    gone++;
  }
  return gone;
};

/** Ends what an older control database still says of a tenant that was erased: key, routes, and rows in cells that are there. */
const forgetErased = async (runtime: Runtime, tenantId: string): Promise<void> => {
  const { control, target } = runtime;
  const erasure = (await listErasures(control)).find(
    (one) => one.tenantId === tenantId && one.state === 'done',
  );
  if (!erasure) return;
  for (const cell of erasure.cells) {
    const server = await target.server(cell).catch(() => undefined);
    if (!server || (await server.state()) === 'absent') continue;
    await eraseFromCell(await target.adminConnection(cell), subjectOf(erasure));
  }
  if ((await wrappedKeys(control).list(tenantId)).length > 0) await target.tenantKeys.destroy(tenantId);
  for (const { id } of await listAllBackups(control, tenantId)) {
    await recordBackupExpired(control, id);
    await recordBackupRemoved(control, id);
  }
  const client = await control.connect();
  try {
    await forgetTenant(client, tenantId);
    await client.query('UPDATE control.operations SET slug = tenant_id::text WHERE tenant_id = $1', [
      tenantId,
    ]);
  } finally {
    client.release();
  }
};
