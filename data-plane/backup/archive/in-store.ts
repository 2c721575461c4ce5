import { PassThrough } from 'node:stream';
import type { ObjectStore } from '../../objects/object-store.js';
import type { ArchiveSource } from './source.js';
import {
  type ArchiveOptions,
  type ArchiveWriter,
  createArchiveWriter,
  type FinishedArchive,
} from './writer.js';

/**
 * Writes an archive into an object: `body` writes the sections, and the manifest follows. The object appears whole or
 * not at all.
 *
 * @returns the manifest, where it stands, and the size of the object.
 * @throws what `body`, the writer or the store threw first.
 */
export const storeArchive = async (
  place: {
    readonly store: ObjectStore;
    readonly objectKey: string;
    /** For so long nobody can delete it. */
    readonly retainDays?: number;
  },
  options: ArchiveOptions,
  body: (writer: ArchiveWriter) => Promise<void>,
): Promise<FinishedArchive & { readonly storedBytes: number }> => {
  const pipe = new PassThrough();
  const { store, objectKey, retainDays } = place;
  const putting = store.put(objectKey, pipe, retainDays === undefined ? {} : { retainDays });
  putting.catch((error: unknown) => pipe.destroy(error instanceof Error ? error : undefined));
  try {
    const writer = await createArchiveWriter({ ...options, sink: pipe });
    await body(writer);
    const finished = await writer.finish();
    return { ...finished, storedBytes: await putting };
  } catch (error) {
    pipe.destroy(error instanceof Error ? error : new Error(String(error)));
    await putting;
    throw error;
  }
};

/** An archive that lies in a store, for `openArchive`. */
export const storedArchive =
  (store: ObjectStore, objectKey: string): ArchiveSource =>
  (startByte) =>
    store.get(objectKey, startByte);

/** The object that holds the archive of a backup. */
export const archiveObjectKey = (tenantId: string, backupId: string): string =>
  `${tenantId}/${backupId}.backup`;
