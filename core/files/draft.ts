import { randomUUID } from 'node:crypto';
import {
  chownSync,
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isRunning } from './is-running.js';

/** How a file is written. */
export interface WriteOptions {
  /** Set whatever the process masks; 0666 less what it masks where none is given. */
  readonly mode?: number;
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
  /** Its content and its name are on the disk before the call returns, which takes some milliseconds. */
  readonly durable?: boolean;
}

/** A name beside `path` for its draft, unique to this process and call. */
export const draftPath = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${randomUUID()}.${process.pid}.draft`);

/** Removes drafts of `path` that killed processes left: they may hold a secret. */
export const removeAbandonedDrafts = (path: string): void => {
  const folder = dirname(path);
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    if (!name.startsWith(`.${basename(path)}.`) || !name.endsWith('.draft')) continue;
    if (!isRunning(Number(name.split('.').at(-2))))
      rmSync(join(folder, name), { recursive: true, force: true });
  }
};

/** Writes a draft beside `path`. @returns the path of the draft; a failed write leaves nothing. */
export const writeDraft = (path: string, content: string | Buffer, options: WriteOptions): string => {
  const draft = draftPath(path);
  try {
    const file = openSync(draft, 'wx', options.mode);
    try {
      writeFileSync(file, content);
      if (options.mode !== undefined) fchmodSync(file, options.mode);
      if (options.durable) fsyncSync(file);
    } finally {
      closeSync(file);
    }
    if (options.owner) chownSync(draft, options.owner.uid, options.owner.gid);
    return draft;
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
};

/** Syncs the names in a folder to the disk. */
export const syncFolder = (path: string): void => {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
};
