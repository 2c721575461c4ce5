import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const BLOCK_BYTES = 512;

/** What a folder takes on the disk, and how many files it holds. */
export const folderSize = (dir: string): { bytes: number; files: number } => {
  let [bytes, files] = [0, 0];
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const found = lstatSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false });
    bytes += (found?.blocks ?? 0) * BLOCK_BYTES;
    files += 1;
  }
  return { bytes, files };
};
