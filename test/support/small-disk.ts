import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';

/** Only root of a Linux mounts one. */
export const isMountable = process.platform === 'linux' && process.getuid?.() === 0;

/** A folder on a disk of its own, for the tests of one block; not mounted where the machine does not allow it. */
export const useSmallDisk = (size: string): { readonly path: string; readonly isMounted: boolean } => {
  const disk = { path: '', isMounted: false };
  beforeAll(() => {
    disk.path = mkdtempSync(join(tmpdir(), 'ringfence-disk-'));
    if (!isMountable) return;
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=0755`, 'tmpfs', disk.path], {
        stdio: 'pipe',
      });
      disk.isMounted = true;
    } catch (error) {
      process.stdout.write(`SKIPPED: a full disk needs a mount of its own: ${error}\n`);
    }
  });
  afterAll(() => {
    if (disk.isMounted) execFileSync('umount', ['-l', disk.path]);
    rmSync(disk.path, { recursive: true, force: true });
  });
  return disk;
};
