import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ownSegments } from '../../../data-plane/database/server/own-wal.js';

const SEGMENT_BYTES = 1024 * 1024;
const dir = mkdtempSync(join(tmpdir(), 'ringfence-wal-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** A segment of 1 MB: 000000010000000000000NNN stands at NNN MB of the log. */
const segmentAt = (position: number): Buffer => {
  const bytes = Buffer.alloc(SEGMENT_BYTES);
  bytes.writeBigUInt64LE(BigInt(position) * BigInt(SEGMENT_BYTES), 8);
  return bytes;
};
const nameOf = (position: number): string =>
  `0000000100000000${position.toString(16).toUpperCase().padStart(8, '0')}`;

test('segments that a starting server takes away meanwhile are not there, and are no error', async () => {
  const folder = join(dir, 'pg_wal');
  mkdirSync(folder);
  for (let position = 1; position <= 8; position++)
    writeFileSync(join(folder, nameOf(position)), segmentAt(position));
  const script = join(dir, 'recycle.mjs');
  writeFileSync(
    script,
    `import { renameSync } from 'node:fs';
     const paths = ${JSON.stringify([1, 2, 3, 4].map((position) => join(folder, nameOf(position))))};
     process.send('begun');
     for (;;) for (const path of paths) { renameSync(path, path + '.gone'); renameSync(path + '.gone', path); }`,
  );
  const recycler = fork(script, { stdio: 'ignore' });
  try {
    await new Promise((resolve) => recycler.once('message', resolve));
    for (let looked = 0; looked < 2_000; looked++) {
      const names = ownSegments(dir).map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining([5, 6, 7, 8].map(nameOf)));
    }
  } finally {
    const ended = new Promise((resolve) => recycler.once('exit', resolve));
    recycler.kill('SIGKILL');
    await ended;
  }
});
