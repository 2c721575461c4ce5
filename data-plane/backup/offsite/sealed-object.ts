import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream, rmSync } from 'node:fs';
import type { ObjectStore } from '../../objects/object-store.js';
import { only } from '../../objects/whole-object.js';
import { storeArchive, storedArchive } from '../archive/in-store.js';
import { openArchive } from '../archive/reader.js';

const SECTION = 'file';
const SCHEMA = 'history-1';
const ENDING = '.sealed';
/** A segment, a note of a base backup among them, or a timeline's history; gzipped. */
const WAL_FILE = /^[0-9a-f]{8}(?:[0-9a-f]{16}(?:\.[0-9a-f]{8}\.backup|\.partial)?|\.history)\.gz$/;

/** The place of a server's sealed history, away from its machine. */
export interface OffsiteStore {
  readonly store: ObjectStore;
  /** The owner of the history: a UUID, as the tenant of an archive. */
  readonly ownerId: string;
  /** 32 bytes, of this version of the owner's key. */
  readonly key: Buffer;
  readonly keyVersion: number;
}

/** The object of a file. Names of WAL segments are upper-case hexadecimal, keys of objects are lower-case. */
export const sealedKey = (name: string): string => `${name.toLowerCase()}${ENDING}`;

/** The parts of the name of the file that an object holds, between slashes; undefined for any other object. */
export const fileOfSealed = (objectKey: string): string[] | undefined =>
  objectKey.endsWith(ENDING)
    ? objectKey
        .slice(0, -ENDING.length)
        .split('/')
        .map((part) =>
          WAL_FILE.test(part) ? part.replace(/^[0-9a-f.]+(?=\.)/, (hex) => hex.toUpperCase()) : part,
        )
    : undefined;

/** Seals a file of this machine into an object (docs/formats.md, history away from its machine). */
export const sealFile = async (offsite: OffsiteStore, name: string, path: string): Promise<void> =>
  seal(offsite, name, createReadStream(path));

export const sealText = (offsite: OffsiteStore, name: string, text: string): Promise<void> =>
  seal(offsite, name, only(Buffer.from(text)));

/**
 * Opens an object into a file, mode 0600. All of it is checked first.
 * @throws RingfenceError `backup_not_found`; `backup_refused` for one that is damaged, under another name, or another owner's.
 */
export const openInto = async (offsite: OffsiteStore, name: string, path: string): Promise<void> => {
  const content = await open(offsite, name);
  const file = createWriteStream(path, { mode: 0o600, flags: 'wx' });
  try {
    for await (const part of content) if (!file.write(part)) await once(file, 'drain');
    file.end();
    await once(file, 'finish');
  } catch (error) {
    file.destroy();
    rmSync(path, { force: true });
    throw error;
  }
};

export const openText = async (offsite: OffsiteStore, name: string): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of await open(offsite, name)) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
};

const seal = async (
  { store, ownerId, key, keyVersion }: OffsiteStore,
  name: string,
  content: AsyncIterable<Uint8Array>,
): Promise<void> => {
  const options = {
    key,
    header: { tenantId: ownerId, backupId: idOf(name), keyVersion },
    schemaVersion: SCHEMA,
  };
  await storeArchive({ store, objectKey: sealedKey(name) }, options, async (writer) => {
    await writer.section(SECTION, [], content, () => 0);
  });
};

const open = async ({ store, ownerId, key }: OffsiteStore, name: string): Promise<AsyncIterable<Buffer>> => {
  const source = storedArchive(store, sealedKey(name));
  const archive = await openArchive({ source, key, expected: { tenantId: ownerId, backupId: idOf(name) } });
  return archive.section(SECTION);
};

/** Sealed under its name: an object that was put in the place of another is refused. */
const idOf = (name: string): string => {
  const hex = createHash('sha256').update(`ringfence/history/v1/${name}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
};
