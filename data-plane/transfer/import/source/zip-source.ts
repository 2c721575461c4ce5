import type { Entry, ZipFile } from 'yauzl';
import { RingfenceError } from '../../../../core/errors.js';
import { type ImportSource, isPlainPath, refused } from './source.js';

/** How yauzl has to open it. */
export const ZIP_OPTIONS = { autoClose: false, lazyEntries: true, strictFileNames: true };

const MAX_FILES = 20_000;
/** Rows compress well, but not like that: what unfolds to more is a bomb. */
const MAX_RATIO = 300;
const ALWAYS_ALLOWED_BYTES = 100 * 1024 * 1024;
const STORED = 0;
const DEFLATED = 8;
const FILE_TYPE = 0o170000;
const REGULAR = 0o100000;

/**
 * The files of a zip. Its directory is checked whole before anything is unpacked, and nothing is ever unpacked to disk.
 *
 * @throws RingfenceError import_refused for a file that is no zip, is damaged, or has names, kinds or sizes that no
 *   export has.
 */
export const zipSource = async (open: () => Promise<ZipFile>, zipBytes: number): Promise<ImportSource> => {
  const zip = await opened(open);
  try {
    const entries = await readDirectory(zip, zipBytes);
    return {
      files: new Map([...entries].map(([name, { uncompressedSize }]) => [name, uncompressedSize])),
      async *read(name) {
        const entry = entries.get(name);
        if (entry === undefined) throw refused(`there is no ${name}`);
        try {
          for await (const part of await zip.openReadStreamPromise(entry)) yield part as Buffer;
        } catch (error) {
          throw translated(error, name);
        }
      },
      close: () => zip.close(),
    };
  } catch (error) {
    zip.close();
    throw translated(error);
  }
};

const opened = async (open: () => Promise<ZipFile>): Promise<ZipFile> => {
  try {
    return await open();
  } catch (error) {
    throw translated(error);
  }
};

const readDirectory = async (zip: ZipFile, zipBytes: number): Promise<Map<string, Entry>> => {
  const entries = new Map<string, Entry>();
  let packedBytes = 0;
  let unpackedBytes = 0;
  for await (const entry of zip.eachEntry()) {
    const { fileName: name } = entry;
    if (entries.size >= MAX_FILES) throw refused(`it has more than ${MAX_FILES} files`);
    assertPlainFile(entry);
    if (entries.has(name)) throw refused(`it has two files ${name}`);
    entries.set(name, entry);
    packedBytes += entry.compressedSize;
    unpackedBytes += entry.uncompressedSize;
  }
  // Files that share bytes are how a small zip unfolds to petabytes.
  if (packedBytes > zipBytes) throw refused('its files overlap');
  if (unpackedBytes > ALWAYS_ALLOWED_BYTES && unpackedBytes > packedBytes * MAX_RATIO)
    throw refused(`it unfolds to ${unpackedBytes} bytes, more than ${MAX_RATIO} times its size`);
  return entries;
};

const assertPlainFile = (entry: Entry): void => {
  const name = JSON.stringify(entry.fileName.slice(0, 80));
  const kind = (entry.externalFileAttributes >>> 16) & FILE_TYPE;
  if (!isPlainPath(entry.fileName)) throw refused(`the name ${name} is not a plain path`);
  if (kind !== 0 && kind !== REGULAR) throw refused(`${name} is a link or another special file`);
  if (entry.isEncrypted()) throw refused(`${name} is encrypted`);
  if (entry.compressionMethod !== STORED && entry.compressionMethod !== DEFLATED)
    throw refused(`${name} is compressed in a way that exports are not`);
};

/** What the library says of a damaged zip names no value of a row. */
const translated = (error: unknown, name?: string): unknown => {
  if (error instanceof RingfenceError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EPERM')
    return new RingfenceError('permission_denied', 'the zip may not be read', { cause: error });
  return refused(`${name === undefined ? 'the zip' : name} cannot be read: ${message}`, error);
};
