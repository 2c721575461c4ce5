import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';
import { isRunning } from '../../core/files/is-running.js';

const OwnerSchema = z.object({ token: z.string(), pid: z.number().int(), host: z.string() });
type Owner = z.infer<typeof OwnerSchema>;

const POLL_MS = 200;
const HEARTBEAT_MS = 5_000;
/** A holder that shows no sign of life for so long is gone, whatever its pid says (pids come back). */
const SILENCE_MS = 60_000;

/**
 * Runs `work` while no other process runs it under the same lock file. The lock of a process that died is
 * taken over: at once on this host, after a minute of silence on another one.
 * In the worst race two processes work at the same time, so `work` must publish its result atomically.
 * @throws RingfenceError `timeout` when the lock stays taken for `waitMs`
 */
export const withFileLock = async <T>(
  path: string,
  work: () => Promise<T>,
  options: { waitMs: number; onWait?: (pid: number | undefined) => void },
): Promise<T> => {
  const owner: Owner = { token: randomUUID(), pid: process.pid, host: hostname() };
  await acquire(path, owner, options);
  const heartbeat = setInterval(() => void touch(path), HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    if ((await readOwner(path))?.token === owner.token) await rm(path, { force: true });
  }
};

/** As `withFileLock`, without waiting. @param taken the refusal while another process has it. */
export const withFreeFileLock = <T>(
  path: string,
  work: () => Promise<T>,
  taken: (pid: number | 'unknown') => RingfenceError,
): Promise<T> =>
  withFileLock(path, work, {
    waitMs: 0,
    onWait: (pid) => {
      throw taken(pid ?? 'unknown');
    },
  });

const acquire = async (
  path: string,
  owner: Owner,
  options: { waitMs: number; onWait?: (pid: number | undefined) => void },
): Promise<void> => {
  await mkdir(dirname(path), { recursive: true });
  const deadlineMs = performance.now() + options.waitMs;
  for (let attempt = 0; !(await create(path, owner)); attempt++) {
    const holder = await readOwner(path);
    if (await isGone(path, holder)) {
      await takeAway(path, holder, owner.token);
      continue;
    }
    if (attempt === 0) options.onWait?.(holder?.pid);
    if (performance.now() > deadlineMs) {
      throw new RingfenceError('timeout', `process ${holder?.pid ?? 'unknown'} still holds ${path}`, {
        fix: 'wait for it to end, or end it and run the command again',
      });
    }
    await pause(POLL_MS);
  }
};

/** The file appears with its content in one step, so that nobody reads a lock without an owner. */
const create = async (path: string, owner: Owner): Promise<boolean> => {
  const draft = `${path}.${owner.token}`;
  await writeFile(draft, JSON.stringify(owner));
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
};

const isGone = async (path: string, holder: Owner | undefined): Promise<boolean> => {
  if (holder?.host === hostname() && !isRunning(holder.pid)) return true;
  const seenAtMs = (await stat(path).catch(() => undefined))?.mtimeMs;
  return seenAtMs !== undefined && Date.now() - seenAtMs > SILENCE_MS;
};

/** Renames before it deletes: when another process was quicker, its fresh lock is put back. */
const takeAway = async (path: string, gone: Owner | undefined, token: string): Promise<void> => {
  const aside = `${path}.${token}.gone`;
  try {
    await rename(path, aside);
    if ((await readOwner(aside))?.token !== gone?.token) await link(aside, path).catch(() => undefined);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  } finally {
    await rm(aside, { force: true });
  }
};

const readOwner = async (path: string): Promise<Owner | undefined> => {
  try {
    return OwnerSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
};

const touch = async (path: string): Promise<void> => {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
};
