import { PassThrough } from 'node:stream';
import type { ObjectStore } from '../../objects/object-store.js';
import type { ArchiveManifest } from './manifest.js';
import type { ArchiveSource } from './reader.js';
import { type ArchiveOptions, type ArchiveWriter, createArchiveWriter } from './writer.js';

/**
 * Writes an archive into an object: `body` writes the sections, and the manifest follows. The object appears whole or
 * not at all.
 *
 * @returns the manifest and the size of the object.
 * @throws what `body`, the writer or the store threw first.
 */
export const storeArchive = async (
  store: ObjectStore,
  objectKey: string,
  options: ArchiveOptions,
  body: (writer: ArchiveWriter) => Promise<void>,
): Promise<{ readonly manifest: ArchiveManifest; readonly storedBytes: number }> => {
  const pipe = new PassThrough();
  const putting = store.put(objectKey, pipe);
  putting.catch((error: unknown) => pipe.destroy(error instanceof Error ? error : undefined));
  try {
    const writer = await createArchiveWriter({ ...options, sink: pipe });
    await body(writer);
    const manifest = await writer.finish();
    return { manifest, storedBytes: await putting };
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
