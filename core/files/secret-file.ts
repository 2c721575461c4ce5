import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { RingfenceError } from '../errors.js';
import { removeAbandonedDrafts } from './draft.js';
import { createFile, replaceFile } from './whole-file.js';

const OTHERS = 0o077;
const SECRET = { mode: 0o600, durable: true } as const;

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
  write(path, () => createFile(path, text, SECRET));
  return readSecretFile(path) ?? text;
};

/** Replaces the file, or makes it, with mode 0600. */
export const replaceSecretFile = (path: string, text: string): void =>
  write(path, () => replaceFile(path, text, SECRET));

const write = (path: string, put: () => unknown): void => {
  mkdirSync(dirname(path), { recursive: true });
  try {
    put();
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENOSPC'
      ? new RingfenceError('disk_full', `no space left for ${path}`, { fix: 'free some space', cause: error })
      : error;
  }
};
