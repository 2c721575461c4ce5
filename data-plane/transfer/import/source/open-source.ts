import { type Stats, statSync } from 'node:fs';
import { openPromise } from 'yauzl';
import { RingfenceError } from '../../../../core/errors.js';
import { isSealedFile } from '../../age/sealed-file.js';
import { fileSource, folderSource } from './folder-source.js';
import { sealedSource } from './sealed-source.js';
import type { ImportSource } from './source.js';
import { ZIP_OPTIONS, zipSource } from './zip-source.js';

/**
 * Opens a zip, a sealed zip, a folder, or a single file.
 *
 * @param identityPath the secret keys of a sealed zip.
 * @throws RingfenceError usage for a path that is not there, and for keys that are missing or of no use;
 *   permission_denied; import_refused.
 */
export const openSource = async (path: string, identityPath?: string): Promise<ImportSource> => {
  const found = look(path);
  if (found.isFile() && isSealed(path)) {
    if (identityPath !== undefined) return sealedSource(path, identityPath);
    throw new RingfenceError('usage', `${path} is sealed`, {
      fix: 'give the secret key of one of its recipients: --identity-file <file>',
    });
  }
  if (identityPath !== undefined)
    throw new RingfenceError('usage', `${path} is not sealed, so no key opens it`, {
      fix: 'leave --identity-file out; what `age -a` armored has to be decrypted with age first',
    });
  if (found.isDirectory()) return folderSource(path);
  if (!found.isFile()) throw new RingfenceError('usage', `${path} is neither a file nor a folder`);
  if (!path.toLowerCase().endsWith('.zip')) return fileSource(path, found.size);
  return zipSource(() => openPromise(path, ZIP_OPTIONS), found.size);
};

const look = (path: string): Stats => {
  try {
    return statSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
};

const isSealed = (path: string): boolean => {
  try {
    return isSealedFile(path);
  } catch (error) {
    throw unreadable(path, error);
  }
};

const unreadable = (path: string, error: unknown): RingfenceError =>
  (error as NodeJS.ErrnoException).code === 'EACCES'
    ? new RingfenceError('permission_denied', `${path} may not be read`, { cause: error })
    : new RingfenceError('usage', `there is no ${path}`, { cause: error });
