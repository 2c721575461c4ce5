import { isKeyCopy, type KeyCopy, listKeyCopies } from '../../data-plane/keys/key-copy.js';
import type { ObjectStores } from '../../stacks/protocol/provider/dependencies.js';
import { CONTROL } from '../project/control-database.js';

const ARCHIVE = /^([a-z][a-z0-9-]*)\/([0-9a-f-]{36})\/([0-9a-f-]{36})\.backup$/;
const COPY = /^([a-z][a-z0-9-]*)\/([0-9a-f-]{36}\/.+)$/;

/** An archive of a tenant, described by its place alone; it was not opened. */
export interface FoundArchive {
  readonly place: string;
  readonly cell: string;
  readonly tenantId: string;
  readonly backupId: string;
  readonly objectKey: string;
  readonly storedBytes: number;
}

/** A copy of a wrapped key, and the cell whose objects have it. */
export type FoundKeyCopy = KeyCopy & { readonly cell: string };

/** Looks through a whole place: the archives of tenants, and the copies of their wrapped keys. */
export const findArchives = async (
  objects: ObjectStores,
  place: string,
): Promise<{ readonly archives: readonly FoundArchive[]; readonly keyCopies: readonly FoundKeyCopy[] }> => {
  const archives: FoundArchive[] = [];
  const cellsWithKeys = new Set<string>();
  for await (const { key, bytes } of objects.all(place).list('')) {
    const [, cell = '', tenantId = '', backupId = ''] = ARCHIVE.exec(key) ?? [];
    const objectKey = `${tenantId}/${backupId}.backup`;
    if (cell !== '') archives.push({ place, cell, tenantId, backupId, objectKey, storedBytes: bytes });
    const [, owner, rest] = COPY.exec(key) ?? [];
    if (owner !== undefined && owner !== CONTROL && rest !== undefined && isKeyCopy(rest))
      cellsWithKeys.add(owner);
  }
  const keyCopies: FoundKeyCopy[] = [];
  for (const cell of cellsWithKeys)
    for await (const copy of listKeyCopies(objects.at(place, cell))) keyCopies.push({ ...copy, cell });
  return { archives, keyCopies };
};
