import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readlinkSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { moveIntoPlace } from '../../files/move-into-place.js';
import { othersMayEnter, ROOT_DATA_DIR, type ServerAccount } from './account.js';
import { binariesIn, type PostgresBinaries } from './binaries.js';

/** The binaries, or a copy of them where the server's account cannot reach the installed ones. */
export const reachableBinaries = (
  installed: PostgresBinaries,
  account: ServerAccount | undefined,
): PostgresBinaries => {
  if (!account || othersMayEnter(installed.nativeDir)) return installed;
  const copy = copyOf(installed);
  if (!existsSync(copy)) {
    const draft = `${copy}.draft-${process.pid}`;
    mkdirSync(ROOT_DATA_DIR, { recursive: true, mode: 0o755 });
    cpSync(installed.nativeDir, draft, { recursive: true, verbatimSymlinks: true });
    moveIntoPlace(draft, copy);
  }
  return binariesIn(copy);
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
