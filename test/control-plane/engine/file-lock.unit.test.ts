import { spawnSync } from 'node:child_process';
import { readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { withFileLock } from '../../../control-plane/engine/file-lock.js';
import { openScene, type Scene } from './scene.js';

let scene: Scene;
let path: string;
beforeEach(() => {
  scene = openScene();
  path = join(scene.dir, 'locks', 'engine.lock');
});
afterEach(() => scene.remove());

const deadPid = (): number => spawnSync(process.execPath, ['-e', '']).pid;
const writeLock = async (owner: object) => {
  await withFileLock(path, async () => undefined, { waitMs: 0 });
  writeFileSync(path, JSON.stringify({ token: 'other', ...owner }));
};
const lockDir = () => readdirSync(join(scene.dir, 'locks'));

it('lets one in at a time, hands on the result and leaves no file', async () => {
  let inside = 0;
  const work = async () => {
    expect(++inside).toBe(1);
    await new Promise((done) => setTimeout(done, 20));
    return inside--;
  };
  const results = await Promise.all(
    Array.from({ length: 5 }, () => withFileLock(path, work, { waitMs: 10_000 })),
  );
  expect(results).toEqual([1, 1, 1, 1, 1]);
  expect(lockDir()).toEqual([]);
});

it('is released when the work fails', async () => {
  const work = () => Promise.reject(new Error('no'));
  await expect(withFileLock(path, work, { waitMs: 0 })).rejects.toThrow('no');
  expect(lockDir()).toEqual([]);
});

it('is taken over from a process that died on this host', async () => {
  await writeLock({ pid: deadPid(), host: hostname() });
  expect(await withFileLock(path, async () => 'done', { waitMs: 0 })).toBe('done');
  expect(lockDir()).toEqual([]);
});

it('is taken over by one of many', async () => {
  await writeLock({ pid: deadPid(), host: hostname() });
  let inside = 0;
  const work = async () => {
    expect(++inside).toBe(1);
    await new Promise((done) => setTimeout(done, 20));
    inside--;
  };
  await Promise.all(Array.from({ length: 5 }, () => withFileLock(path, work, { waitMs: 10_000 })));
  expect(lockDir()).toEqual([]);
});

it('is not taken from a live process, nor from one on another host that was heard lately', async () => {
  const waits: unknown[] = [];
  const options = { waitMs: 0, onWait: (pid: number | undefined) => waits.push(pid) };
  await writeLock({ pid: process.pid, host: hostname() });
  await expect(withFileLock(path, async () => 0, options)).rejects.toMatchObject({ code: 'timeout' });
  await writeFileSync(path, JSON.stringify({ token: 'other', pid: 1, host: 'elsewhere' }));
  await expect(withFileLock(path, async () => 0, options)).rejects.toMatchObject({ code: 'timeout' });
  expect(waits).toEqual([process.pid, 1]);
});

it.each([
  ['on another host', { pid: 1, host: 'elsewhere' }],
  ['with a pid that came back', { pid: process.pid, host: hostname() }],
])('is taken over after a minute of silence from a holder %s', async (_, owner) => {
  await writeLock(owner);
  const minuteAgo = new Date(Date.now() - 61_000);
  utimesSync(path, minuteAgo, minuteAgo);
  expect(await withFileLock(path, async () => 'done', { waitMs: 0 })).toBe('done');
});
