import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Check, DoctorCheck } from '../types.js';

const WARN_BELOW_BYTES = 2_000_000_000;
const FAIL_BELOW_BYTES = 200_000_000;

/** Measures what this user may still write on the disk of the project's home. */
export const checkDisk: Check = async ({ project }) => judgeDisk(await freeBytes(project.home), project.home);

/** The rule alone: below 200 MB fails, below 2 GB warns. */
export const judgeDisk = (availableBytes: number, folder: string): DoctorCheck => {
  const found = {
    name: 'disk',
    detail: `${(availableBytes / 1e9).toFixed(1)} GB free for ${folder}`,
    data: { availableBytes },
  };
  if (availableBytes >= WARN_BELOW_BYTES) return { ...found, status: 'ok' };
  return {
    ...found,
    status: availableBytes < FAIL_BELOW_BYTES ? 'fail' : 'warn',
    fix: 'free some space: a cell needs about 100 MB before any data, building the engine 2 GB',
  };
};

/** `folder` need not exist yet: its nearest existing parent decides. */
const freeBytes = async (folder: string): Promise<number> => {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(folder) === folder) throw error;
    return freeBytes(dirname(folder));
  }
};
