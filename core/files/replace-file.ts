import { chownSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { draftPath } from './secret-file.js';

/** Replaces a file that holds no secret: whole or not at all, and a full disk leaves nothing of it. */
export const replaceFile = (
  path: string,
  text: string,
  options: {
    readonly mode?: number;
    readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
  } = {},
): void => {
  const { mode, owner } = options;
  const draft = draftPath(path);
  try {
    writeFileSync(draft, text, mode === undefined ? {} : { mode });
    if (owner) chownSync(draft, owner.uid, owner.gid);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
};
