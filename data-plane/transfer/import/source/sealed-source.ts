import { Readable } from 'node:stream';
import { fromRandomAccessReaderPromise, RandomAccessReader } from 'yauzl';
import { RingfenceError } from '../../../../core/errors.js';
import { readIdentities } from '../../age/identities.js';
import { openSealedFile, type SealedFile } from '../../age/sealed-file.js';
import { type ImportSource, refused } from './source.js';
import { ZIP_OPTIONS, zipSource } from './zip-source.js';

/**
 * The files of a zip that is sealed with age, decrypted as they are read: nothing of it lies on a disk.
 *
 * @throws RingfenceError usage or permission_denied for the file of identities; import_refused for a file that they do
 *   not open or that is damaged; as `zipSource`.
 */
export const sealedSource = async (path: string, identityPath: string): Promise<ImportSource> => {
  const identities = readIdentities(identityPath);
  const file = await openSealedFile(path, identities).catch((error: Error) => {
    throw /no identity matched/.test(error.message)
      ? foreign(path, identityPath, error)
      : refused(`${path} cannot be decrypted: ${error.message}`, error);
  });
  try {
    const reader = new SealedReader(file);
    return await zipSource(() => fromRandomAccessReaderPromise(reader, file.bytes, ZIP_OPTIONS), file.bytes);
  } catch (error) {
    await file.close();
    throw error;
  }
};

const foreign = (path: string, identityPath: string, cause: Error): RingfenceError =>
  new RingfenceError('import_refused', `no key of ${identityPath} opens ${path}`, {
    fix: 'give the secret key of one of its recipients; the event `export` in the audit log names them',
    cause,
  });

class SealedReader extends RandomAccessReader {
  readonly #file: SealedFile;

  constructor(file: SealedFile) {
    super();
    this.#file = file;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.#file.read(start, end), { objectMode: false });
  }

  override close(callback: (error: Error | null) => void): void {
    this.#file.close().then(() => callback(null), callback);
  }
}
