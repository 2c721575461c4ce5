import { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';
import type { KeyCopy } from '../../data-plane/keys/key-copy.js';
import { type LostBackup, listLostBackups } from '../backups/lost.js';
import { recordBackupExpired, recordBackupFailed, recordBackupRemoved } from '../backups/store.js';
import { takeErasureNotes } from '../control-backup/erasure-notes.js';
import { settleCertificates } from '../erasure/certificates-here.js';
import { isSigningKeyLost } from '../erasure/certify.js';
import { type ErasedAgain, eraseAgain } from '../erasure/erase-again.js';
import { wrappedKeys } from '../keys/store.js';
import { adoptLostMoves, findLockedOut } from '../moves/adopt-lost-move.js';
import { adoptNewerHomes } from '../moves/adopt-newer-home.js';
import { readRows } from '../project/read-rows.js';
import { readProject } from '../project/store.js';
import type { Runtime } from '../runtime.js';
import {
  type OpenedArchive,
  openFound,
  recordFound,
  registerCell,
  registerDescribed,
} from './adopt-archive.js';
import { type FoundArchive, findArchives } from './found-archives.js';

/** The result of comparing a catalogue with the objects. */
export interface Reconciled {
  /** Versions of tenant keys that it did not have. */
  readonly keys: number;
  /** Backups that it did not have, and backups whose object is gone. */
  readonly backups: number;
  readonly goneBackups: number;
  /** Backups with rows: those that are lost or damaged, now or before, and those that were lost and are there again. */
  readonly lost: readonly LostBackup[];
  readonly returned: readonly LostBackup[];
  /** Slugs of tenants that it did not have. */
  readonly tenants: readonly string[];
  /** Slugs of tenants that had moved to another home since. */
  readonly moved: readonly string[];
  /** Remains of erased tenants that had come back, and are gone again. */
  readonly erased: readonly ErasedAgain[];
  /** There are signed certificates, and their signing key is nowhere. */
  readonly signingKeyLost: boolean;
  /** Objects that could not be taken over, with the reason. */
  readonly left: readonly { readonly object: string; readonly why: string }[];
}

/**
 * Brings an older or empty control database up to the objects: keys, backups, tenants, erasures. Changes nothing that it
 * knows, except for tenants that were erased since. Can be repeated at any time.
 */
export const reconcile = async (runtime: Runtime): Promise<Reconciled> => {
  const { control, target } = runtime;
  const { id } = await readProject(control);
  await settleCertificates(runtime);
  const { erased } = await takeErasureNotes(runtime, id);
  const erasedAgain = await eraseAgain(runtime);
  const moved = await adoptNewerHomes(runtime);
  const { archives, keyCopies } = await findArchives(target.objects, target.objects.place);
  const keys = await takeKeys(runtime, keyCopies, erased);
  const known = await knownBackups(runtime);
  const lostBefore = await listLostBackups(control);
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
  // An incremental backup comes after its bases.
  const inOrder = [...opened].sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
  for (const archive of inOrder) await recordFound(control, archive);
  const lockedOut = await findLockedOut(runtime);
  const lockedOutIds = new Set(lockedOut.map(({ tenant }) => tenant.id));
  await registerNewHomes(
    runtime,
    opened.filter(({ tenantId }) => lockedOutIds.has(tenantId)),
  );
  const movedSince = await adoptLostMoves(runtime, lockedOut);
  const goneBackups = await noteGone(runtime);
  const lost = await listLostBackups(control);
  return {
    keys,
    backups: opened.length,
    goneBackups,
    lost,
    returned: lostBefore.filter(({ id }) => !lost.some((one) => one.id === id)),
    tenants,
    moved: [...moved, ...movedSince],
    erased: erasedAgain,
    signingKeyLost: await isSigningKeyLost(runtime),
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

const idSchema = z.object({ id: z.guid() });

/** One that counts as failed may have been put back. */
const knownBackups = async ({ control }: Runtime): Promise<ReadonlySet<string>> => {
  const { rows } = await control.query(`SELECT id FROM control.backups WHERE state <> 'failed'`);
  return new Set(readRows(idSchema, 'control.backups', rows).map(({ id }) => id));
};

/** Uses the newest archive of each tenant: it has the tenant's latest state. */
const registerUnknown = async (
  { control, target, caller }: Runtime,
  opened: readonly OpenedArchive[],
  left: { object: string; why: string }[],
): Promise<string[]> => {
  const { rows } = await control.query('SELECT id FROM control.tenants');
  const known = new Set(readRows(idSchema, 'control.tenants', rows).map(({ id }) => id));
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
    const { cell } = archive.about;
    const rootKeyId = await target.keyRootOf(cell).ensureRoot(cell.name, { mayCreate: false });
    await registerDescribed(control, archive.tenantId, archive.about, { ...archive, rootKeyId, caller });
    slugs.push(archive.about.slug);
  }
  return slugs.sort();
};

/** A cell that was made for a tenant since is known from its backups there. */
const registerNewHomes = async (
  { control, target }: Runtime,
  archives: readonly OpenedArchive[],
): Promise<void> => {
  for (const { about } of archives)
    if (about) {
      const { cell } = about;
      const rootKeyId = await target.keyRootOf(cell).ensureRoot(cell.name, { mayCreate: false });
      await registerCell(control, cell, rootKeyId);
    }
};

const goneSchema = z.object({
  id: z.guid(),
  slug: z.string().nullable(),
  place: z.string(),
  cell: z.string(),
  objectKey: z.string(),
  /** The newest with rows of a tenant: nothing prunes that one. */
  isNeeded: z.boolean().nullable(),
});

/** Backups whose object is missing: they were pruned later than this control database, or lost. Lost ones count as failed. */
const noteGone = async ({ control, target }: Runtime): Promise<number> => {
  const { rows } = await control.query(
    `SELECT b.id, t.slug, b.place, b.cell, b.object_key AS "objectKey",
            b.rows > 0 AND NOT EXISTS (SELECT FROM control.backups n WHERE n.tenant_id = b.tenant_id AND n.rows > 0
               AND n.state = 'verified' AND n.started_at > b.started_at) AS "isNeeded"
       FROM control.backups b LEFT JOIN control.tenants t ON t.id = b.tenant_id
      WHERE b.state IN ('stored', 'verified')`,
  );
  let goneBackups = 0;
  for (const gone of readRows(goneSchema, 'control.backups', rows)) {
    if (await target.objects.at(gone.place, gone.cell).stat(gone.objectKey)) continue;
    if (gone.isNeeded && gone.slug !== null) {
      await recordBackupFailed(control, gone.id);
      continue;
    }
    await recordBackupExpired(control, gone.id);
    await recordBackupRemoved(control, gone.id);
    goneBackups++;
  }
  return goneBackups;
};
