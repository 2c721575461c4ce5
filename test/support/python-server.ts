import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const caches = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'node_modules', '.cache');
const pause = promisify(setTimeout);
const run = promisify(execFile);

/** A server of PyPI that stands in for AWS. */
export interface PythonProgram {
  /** Of the program, and of the folder that it is installed in. */
  readonly name: string;
  /** Variable that names a program that is installed already. */
  readonly variable: string;
  /** Pinned, as pip reads them. */
  readonly requirements: readonly string[];
}

/**
 * The program: the variable's, else the one on PATH, else one that is installed once below node_modules/.cache with
 * python3. Without python3 or its packages it says why and returns undefined.
 */
export const findPythonProgram = async (program: PythonProgram): Promise<string | undefined> => {
  const named = process.env[program.variable];
  if (named !== undefined) return named;
  const folders = (process.env.PATH ?? '').split(delimiter);
  const onPath = folders.map((folder) => join(folder, program.name)).find(existsSync);
  return onPath ?? (await installed(program));
};

const installed = async ({ name, requirements }: PythonProgram): Promise<string | undefined> => {
  const cache = join(caches, name);
  const path = join(cache, 'bin', name);
  const done = join(cache, `installed-${requirements.join('+').replaceAll('=', '-')}`);
  const lock = `${cache}.lock`;
  await mkdir(dirname(cache), { recursive: true });
  for (let waitedMs = 0; waitedMs < 180_000; waitedMs += 200) {
    if (existsSync(done)) return path;
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
      await run(join(cache, 'bin', 'pip'), ['install', '--quiet', ...requirements]);
      await writeFile(done, '');
    } catch (error) {
      console.warn(
        `SKIPPED: tests against AWS need python3 with venv and pip to install ${requirements.join(' ')}: ${error}`,
      );
      return undefined;
    } finally {
      await rm(lock, { recursive: true });
    }
  }
  console.warn(`SKIPPED: tests against AWS waited too long for ${lock}; remove it if no other run holds it`);
  return undefined;
};

/** Starts a server on a free port, and waits until `ready` does not fail. The caller stops it. */
export const startPythonServer = async (
  program: string,
  how: {
    readonly args?: (port: number) => string[];
    readonly env?: (port: number) => NodeJS.ProcessEnv;
    readonly ready: (endpoint: string) => Promise<void>;
  },
): Promise<{ readonly endpoint: string; stop(): Promise<void> }> => {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const child = spawn(program, how.args?.(port) ?? [], {
    env: { ...process.env, ...how.env?.(port) },
    stdio: 'ignore',
  });
  for (let attempt = 0; attempt < 300 && child.exitCode === null; attempt++) {
    const ready = await how.ready(endpoint).then(
      () => true,
      () => false,
    );
    if (ready) return { endpoint, stop: () => stop(child) };
    await pause(100);
  }
  await stop(child);
  throw new Error(`${program} did not start on ${endpoint}`);
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
