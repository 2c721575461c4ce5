import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const VERSION = '1.5.33';
const cache = join(
  dirname(fileURLToPath(import.meta.url)),
  '..',
  '..',
  'node_modules',
  '.cache',
  'ministack',
);
const pause = promisify(setTimeout);
const run = promisify(execFile);

/** A stand-in for AWS on the loopback interface. */
export interface Ministack {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  /** Forgets all resources. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * The `ministack` program: RINGFENCE_MINISTACK, else the one on PATH, else one that is installed once below
 * node_modules/.cache with python3. Without python3 or its packages it says why and returns undefined.
 */
export const findMinistack = async (): Promise<string | undefined> => {
  const named = process.env.RINGFENCE_MINISTACK;
  if (named !== undefined) return named;
  const folders = (process.env.PATH ?? '').split(delimiter);
  const onPath = folders.map((folder) => join(folder, 'ministack')).find(existsSync);
  return onPath ?? (await installed());
};

const installed = async (): Promise<string | undefined> => {
  const program = join(cache, 'bin', 'ministack');
  const done = join(cache, `installed-${VERSION}`);
  const lock = `${cache}.lock`;
  await mkdir(dirname(cache), { recursive: true });
  for (let waitedMs = 0; waitedMs < 180_000; waitedMs += 200) {
    if (existsSync(done)) return program;
    const mine = await mkdir(lock).then(
      () => true,
      () => false,
    );
    if (!mine) {
      await pause(200);
      continue;
    }
    try {
      await rm(cache, { recursive: true, force: true });
      await run('python3', ['-m', 'venv', cache]);
      await run(join(cache, 'bin', 'pip'), ['install', '--quiet', `ministack==${VERSION}`]);
      await writeFile(done, '');
    } catch (error) {
      console.warn(
        `SKIPPED: tests against AWS need python3 with venv and pip to install ministack ${VERSION}: ${error}`,
      );
      return undefined;
    } finally {
      await rm(lock, { recursive: true });
    }
  }
  console.warn(`SKIPPED: tests against AWS waited too long for ${lock}; remove it if no other run holds it`);
  return undefined;
};

/** Starts the program on a free port. The caller stops it. */
export const startMinistack = async (program: string): Promise<Ministack> => {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const child = spawn(program, [], {
    env: { ...process.env, BIND_HOST: '127.0.0.1', IOT_MTLS_ENABLED: '0', GATEWAY_PORT: String(port) },
    stdio: 'ignore',
  });
  const reset = async (): Promise<void> => {
    const response = await fetch(`${endpoint}/_ministack/reset`, { method: 'POST' });
    if (!response.ok) throw new Error(`ministack does not reset: ${response.status}`);
  };
  for (let attempt = 0; attempt < 300 && child.exitCode === null; attempt++) {
    const ready = await reset().then(
      () => true,
      () => false,
    );
    if (ready) return { endpoint, reset, stop: () => stop(child) };
    await pause(100);
  }
  await stop(child);
  throw new Error(`ministack did not start on ${endpoint}`);
};

const stop = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const forced = setTimeout(() => child.kill('SIGKILL'), 3_000);
  await exited;
  clearTimeout(forced);
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
};
