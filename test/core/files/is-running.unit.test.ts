import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isRunning } from '../../../core/files/is-running.js';

test('a process runs, one of a number that is none does not', () => {
  expect(isRunning(process.pid)).toBe(true);
  for (const pid of [0, -1, 1.5, Number.NaN]) expect(isRunning(pid)).toBe(false);
});

test.skipIf(!existsSync('/proc/self/stat'))(
  'one that has ended and that nobody waits for does not run',
  async () => {
    // The shell becomes a program that waits for no child.
    const parent = spawn('sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      const [pid] = (await once(parent.stdout, 'data')) as [Buffer];
      await expect.poll(() => isRunning(Number(pid.toString()))).toBe(false);
      expect(existsSync(`/proc/${pid.toString().trim()}`)).toBe(true);
    } finally {
      parent.kill('SIGKILL');
      await once(parent, 'exit');
    }
  },
);
