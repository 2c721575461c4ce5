import { linkSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { removeAbandonedDrafts, syncFolder, type WriteOptions, writeDraft } from './draft.js';

/** Replaces a file: a reader sees the old content or the new one, and a full disk leaves nothing of the new one. */
export const replaceFile = (path: string, content: string | Buffer, options: WriteOptions = {}): void => {
  removeAbandonedDrafts(path);
  const draft = writeDraft(path, content, options);
  try {
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
  if (options.durable) syncFolder(dirname(path));
};

/** Makes a file appear whole, and never over another one. @returns false where there is one. */
export const createFile = (path: string, content: string | Buffer, options: WriteOptions = {}): boolean => {
  removeAbandonedDrafts(path);
  const draft = writeDraft(path, content, options);
  try {
    // A link fails where the name exists, which a rename does not.
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
  if (options.durable) syncFolder(dirname(path));
  return true;
};
