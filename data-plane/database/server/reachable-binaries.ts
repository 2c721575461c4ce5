import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { moveIntoPlace } from '../../../core/files/move-into-place.js';
import { makeEnterableDir, othersMayEnter, ROOT_DATA_DIR, type ServerAccount } from './account.js';
import { binariesIn, type PostgresBinaries } from './binaries.js';

/** The binaries, or a copy of them where the server's account cannot reach the installed ones. */
export const reachableBinaries = (
  installed: PostgresBinaries,
  account: ServerAccount | undefined,
): PostgresBinaries => {
  if (!account || othersMayEnter(installed.postgres)) return installed;
  const copy = copyOf(installed);
  makeEnterableDir(ROOT_DATA_DIR, account);
  if (!existsSync(copy)) makeCopy(installed, copy);
  // Opens files that an earlier run made under a strict umask.
  else if (!othersMayEnter(binariesIn(copy).postgres)) openForAll(copy);
  return binariesIn(copy);
};

const makeCopy = (installed: PostgresBinaries, copy: string): void => {
  const draft = `${copy}.draft-${process.pid}`;
  try {
    cpSync(installed.nativeDir, draft, { recursive: true, verbatimSymlinks: true });
    openForAll(draft);
    moveIntoPlace(draft, copy);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
};

/** Lets everyone read and run what is in a folder, whatever the umask of whoever installed or copied it was. */
const openForAll = (folder: string): void => {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openForAll(path);
    else if (entry.isFile()) chmodSync(path, statSync(path).mode & 0o100 ? 0o755 : 0o644);
  }
};

/** Removes the copy when no server runs from it any more. */
export const removeUnusedCopy = (installed: PostgresBinaries): void => {
  const copy = copyOf(installed);
  if (!existsSync(copy) || isUsed(copy)) return;
  // Renamed first, so that it goes at once for everyone else.
  const gone = `${copy}.gone-${process.pid}`;
  try {
    renameSync(copy, gone);
  } catch (error) {
    const goneAlready = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (!goneAlready) throw error;
  }
  rmSync(gone, { recursive: true, force: true });
};

const copyOf = (installed: PostgresBinaries): string => {
  const key = createHash('sha256').update(installed.nativeDir).digest('hex').slice(0, 16);
  return join(ROOT_DATA_DIR, `binaries-${key}`);
};

/** /proc names the program of each process; without it a copy counts as used. */
const isUsed = (copy: string): boolean =>
  !existsSync('/proc') ||
  readdirSync('/proc').some((name) => {
    try {
      return /^\d+$/.test(name) && readlinkSync(join('/proc', name, 'exe')).startsWith(`${copy}/`);
    } catch {
      // The process ended meanwhile.
      return false;
    }
  });
