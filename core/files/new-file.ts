import { existsSync, statSync } from 'node:fs';
import { link, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RingfenceError } from '../errors.js';
import { draftPath, removeAbandonedDrafts } from './draft.js';

/**
 * Lets `write` make a file that appears under `path` whole or not at all, and never over another one. Removes drafts of
 * killed runs.
 *
 * @throws RingfenceError usage for a file that is there or a folder that is not or takes no file; disk_full.
 */
export const newFile = async <T>(path: string, write: (draft: string) => Promise<T>): Promise<T> => {
  const folder = dirname(path);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new RingfenceError('usage', `there is no folder ${folder}`, { fix: 'make it first' });
  removeAbandonedDrafts(path);
  if (existsSync(path)) throw taken(path);
  const draft = draftPath(path);
  try {
    const result = await write(draft);
    await appear(draft, path);
    return result;
  } catch (error) {
    throw translated(error, path);
  } finally {
    await rm(draft, { force: true });
  }
};

/** A link is never made over a file; file systems without links take the name as it was found free. */
const appear = async (draft: string, path: string): Promise<void> => {
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw taken(path);
    await rename(draft, path);
  }
};

const taken = (path: string): RingfenceError =>
  new RingfenceError('usage', `${path} exists already`, { fix: 'name a new file' });

const translated = (error: unknown, path: string): unknown => {
  const cause = (error as { cause?: unknown } | null)?.cause ?? error;
  const { code } = (cause ?? {}) as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new RingfenceError('disk_full', `no space left for ${path}`, { fix: 'free some space', cause });
  if (code === 'EACCES' || code === 'EROFS' || code === 'ENAMETOOLONG')
    return new RingfenceError('usage', `${path} cannot be written`, { fix: 'name another folder', cause });
  return error;
};
