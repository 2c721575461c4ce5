import { type Stats, statSync } from 'node:fs';
import { RingfenceError } from '../../../tenants/errors.js';
import { fileSource, folderSource } from './folder-source.js';
import type { ImportSource } from './source.js';
import { zipSource } from './zip-source.js';

/**
 * Opens a zip, a folder, or a single file.
 *
 * @throws RingfenceError usage for a path that is not there; permission_denied; import_refused.
 */
export const openSource = async (path: string): Promise<ImportSource> => {
  const found = look(path);
  if (found.isDirectory()) return folderSource(path);
  if (!found.isFile()) throw new RingfenceError('usage', `${path} is neither a file nor a folder`);
  return path.toLowerCase().endsWith('.zip') ? zipSource(path, found.size) : fileSource(path, found.size);
};

const look = (path: string): Stats => {
  try {
    return statSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES')
      throw new RingfenceError('permission_denied', `${path} may not be read`, { cause: error });
    throw new RingfenceError('usage', `there is no ${path}`, { cause: error });
  }
};
