import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { RingfenceError } from '../errors.js';
import { isRunning } from './is-running.js';

const OTHERS = 0o077;

/** @returns the text of a file that its owner alone may read, or undefined where there is none. */
export const readSecretFile = (path: string): string | undefined => {
  if (!existsSync(path)) return undefined;
  if (process.platform !== 'win32' && (statSync(path).mode & OTHERS) !== 0) {
    throw new RingfenceError('permission_denied', `${path} holds secrets and others may read it`, {
      fix: `chmod 600 ${path}, and treat what it holds as known to others`,
    });
  }
  return readFileSync(path, 'utf8');
};

/** Creates the file with mode 0600 unless it exists. Of two processes at once, both get the winner's text. */
export const createSecretFile = (path: string, text: string): string => {
  removeAbandonedDrafts(path);
  const existing = readSecretFile(path);
  if (existing !== undefined) return existing;
  const draft = writeDraft(path, text);
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readSecretFile(path) ?? text;
};

/** Replaces the file at once: a reader sees the old text or the new one. */
export const replaceSecretFile = (path: string, text: string): void => {
  removeAbandonedDrafts(path);
  renameSync(writeDraft(path, text), path);
};

/** Removes what killed processes were writing to become `path`: it holds the secret too. */
export const removeAbandonedDrafts = (path: string): void => {
  const folder = dirname(path);
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    if (!name.startsWith(`.${basename(path)}.`) || !name.endsWith('.draft')) continue;
    if (!isRunning(Number(name.split('.').at(-2))))
      rmSync(join(folder, name), { recursive: true, force: true });
  }
};

/** A name beside `path` for what becomes it, of this process and this call alone. */
export const draftPath = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${randomUUID()}.${process.pid}.draft`);

const writeDraft = (path: string, text: string): string => {
  mkdirSync(dirname(path), { recursive: true });
  const draft = draftPath(path);
  try {
    writeFileSync(draft, text, { mode: 0o600 });
    chmodSync(draft, 0o600);
  } catch (error) {
    rmSync(draft, { force: true });
    throw (error as NodeJS.ErrnoException).code === 'ENOSPC'
      ? new RingfenceError('disk_full', `no space left for ${path}`, { fix: 'free some space', cause: error })
      : error;
  }
  return draft;
};
