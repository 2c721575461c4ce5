import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureEngine } from '../../control-plane/engine/ensure.js';
import { openProject } from '../../control-plane/project/project.js';
import { withConnection } from '../../data-plane/database/connect.js';
import { runningLocalServer } from '../../data-plane/database/server/local-server.js';
import { readRecord } from '../../data-plane/database/server/record.js';
import type { TenantInput } from '../../manifest/index.js';

const REPOSITORY = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
/** Long enough for a download or a build of the engine on a machine that has none. */
export const ENGINE_TIMEOUT_MS = 200 * 60_000;
const COMMAND_TIMEOUT_MS = 1_200_000;

export interface CliResult {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunningCli {
  readonly pid: number;
  readonly result: Promise<CliResult>;
  /** Resolves when standard error holds `text`, or when the command ends. */
  said(text: string): Promise<void>;
  /** Ends the command with all its children, as a power cut or Ctrl-C does. */
  killGroup(signal: NodeJS.Signals): void;
  /** Ends the command alone; the engine that it started lives on. */
  kill(signal: NodeJS.Signals): void;
}

interface RunOptions {
  /** The program and arguments that run it: of a network namespace, say. */
  readonly under?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A project of its own in a temporary folder, driven by the built CLI as a child process. */
export interface CliProject {
  readonly root: string;
  readonly home: string;
  /** What each of its commands runs with. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  start(args: readonly string[], options?: RunOptions): RunningCli;
  run(args: readonly string[], options?: RunOptions): Promise<CliResult>;
  /** Runs a command that must succeed. @returns what it printed, as JSON. */
  json<T>(args: readonly string[], options?: RunOptions): Promise<T>;
  /** Writes `tenants/<slug>.yaml`. @returns its path. */
  manifest(slug: string, changes?: Partial<TenantInput>): string;
  writeManifest(name: string, text: string | Uint8Array): string;
  /** Deploys all manifests, without a preview: for tests of what comes after. */
  deploy(options?: RunOptions): Promise<void>;
  control<T>(sql: string, values?: readonly unknown[]): Promise<T[]>;
  cell<T>(cell: string, sql: string, values?: readonly unknown[]): Promise<T[]>;
  /** Folders of the servers that this project has made: the control database and its cells. */
  servers(): { name: string; dir: string; dataDir: string; pid: number | undefined }[];
  /** Purges the project by the CLI. @returns what is still there afterwards; empty when all is gone. */
  purge(): Promise<string[]>;
}

/** The program under test: RINGFENCE_TEST_CLI, else the build. */
export const cliPath = (): string => {
  const path = process.env.RINGFENCE_TEST_CLI ?? join(REPOSITORY, 'dist', 'cli', 'main.js');
  if (existsSync(path)) return path;
  throw new Error(`${path} is not there: run \`npm run build\` first`);
};

export const engineCacheDir = (): string =>
  resolve(process.env.RINGFENCE_ENGINE_CACHE ?? join(REPOSITORY, '.ringfence', 'engine'));

/** Has the engine in the cache that all test projects share, so that no test waits for it. */
export const prepareEngine = async (): Promise<void> => {
  const env = { ...process.env, RINGFENCE_ENGINE_CACHE: engineCacheDir() };
  const options = { project: openProject(REPOSITORY), env };
  await ensureEngine({ ...options, onProgress: (line) => void process.stderr.write(`${line}\n`) });
};

/** The smallest manifest that holds, as a value; YAML is a superset of JSON. */
export const smallTenant = (slug: string, changes: Partial<TenantInput> = {}): TenantInput => ({
  slug,
  legalName: `Clínica ${slug}, S.L.`,
  type: 'solo',
  admin: { name: 'Ana', email: `ana@${slug}.example` },
  clinics: [{ slug: 'centro', name: 'Centro', vertical: 'dental' }],
  ...changes,
});

/** @param options.env what each of its commands runs with, beside the environment of the tests. */
export const openCliProject = (
  options: { home?: string; env?: Readonly<Record<string, string>> } = {},
): CliProject => {
  const root = mkdtempSync(join(tmpdir(), 'ringfence-e2e-'));
  const home = options.home ?? join(root, '.ringfence');
  const tenants = join(root, 'tenants');
  mkdirSync(tenants);
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    RINGFENCE_ENGINE_CACHE: engineCacheDir(),
    ...(options.home ? { RINGFENCE_HOME: options.home } : {}),
    ...options.env,
    NO_COLOR: '1',
  };

  const start: CliProject['start'] = (args, { under = [], env = {}, cwd = root } = {}) => {
    const [program = '', ...words] = [...under, process.execPath, cliPath(), ...args];
    const child = spawn(program, words, {
      cwd,
      env: { ...environment, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    return watch(child, args);
  };
  const run: CliProject['run'] = (args, more) => start(args, more).result;
  const json = async <T>(args: readonly string[], more?: RunOptions): Promise<T> => {
    const { status, stdout, stderr } = await run([...args, '--json'], more);
    if (status !== 0) throw new Error(`ringfence ${args.join(' ')} exited with ${status}: ${stderr}`);
    return JSON.parse(stdout) as T;
  };
  const writeManifest = (name: string, text: string | Uint8Array): string => {
    const path = join(tenants, name);
    writeFileSync(path, text);
    return path;
  };
  const query = <T>(dir: string, database: string, sql: string, values: readonly unknown[] = []) => {
    const server = runningLocalServer(dir);
    if (!server) throw new Error(`no server runs in ${dir}`);
    return withConnection(
      { ...server, database },
      async (client) => (await client.query(sql, [...values])).rows as T[],
    );
  };
  const serverDirs = (): [string, string][] => [
    ...(existsSync(join(home, 'control')) ? [['control', join(home, 'control')] as [string, string]] : []),
    ...names(join(home, 'cells')).map((name): [string, string] => [name, join(home, 'cells', name)]),
  ];
  const servers: CliProject['servers'] = () =>
    serverDirs().flatMap(([name, dir]) => {
      const record = readRecord(dir);
      return record ? [{ name, dir, dataDir: record.dataDir, pid: postmaster(record.dataDir) }] : [];
    });

  return {
    root,
    home,
    env: environment,
    start,
    run,
    json,
    manifest: (slug, changes) =>
      writeManifest(`${slug}.yaml`, JSON.stringify(smallTenant(slug, changes), null, 2)),
    writeManifest,
    deploy: async (more) => {
      const { status, stderr } = await run(['tenants', 'apply', '--all', '--yes'], more);
      if (status !== 0) throw new Error(`tenants apply --all exited with ${status}: ${stderr}`);
    },
    control: (sql, values) => query(join(home, 'control'), 'control', sql, values),
    cell: (cell, sql, values) => query(join(home, 'cells', cell), 'ringfence', sql, values),
    servers,
    purge: async () => {
      const before = servers();
      const { status, stderr } = await run(['cells', 'down', '--purge', '--yes']);
      const left = [
        ...(status === 0 ? [] : [`cells down --purge exited with ${status}: ${stderr}`]),
        ...names(home)
          .filter((name, _, all) => name !== 'engine' && !(name === '.gitignore' && all.includes('engine')))
          .map((name) => `file ${name}`),
        ...before.flatMap(({ dataDir, pid }) => [
          ...(existsSync(dataDir) ? [`data in ${dataDir}`] : []),
          ...(pid !== undefined && isAlive(pid) ? [`process ${pid}`] : []),
        ]),
        ...processesOf(root).map((line) => `process ${line}`),
      ];
      rmSync(root, { recursive: true, force: true });
      return left;
    },
  };
};

const watch = (child: ChildProcess, args: readonly string[]): RunningCli => {
  let stdout = '';
  let stderr = '';
  const waiting: { text: string; resolve: () => void }[] = [];
  child.stdout?.on('data', (part: Buffer) => {
    stdout += part.toString();
  });
  child.stderr?.on('data', (part: Buffer) => {
    stderr += part.toString();
    for (const { text, resolve } of waiting) if (stderr.includes(text)) resolve();
  });
  const pid = child.pid ?? 0;
  const killGroup = (signal: NodeJS.Signals): void => {
    try {
      process.kill(-pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  const limit = setTimeout(() => {
    stderr += `\nthe test gave up on \`ringfence ${args.join(' ')}\``;
    killGroup('SIGKILL');
  }, COMMAND_TIMEOUT_MS);
  // Not 'close': a server that the command started keeps no pipe, but a killed command's engine may.
  const closed = once(child, 'close');
  const result = once(child, 'exit').then(async ([status, signal]) => {
    clearTimeout(limit);
    await Promise.race([closed, new Promise((done) => setTimeout(done, 500))]);
    for (const { resolve } of waiting) resolve();
    return { status, signal, stdout, stderr } as CliResult;
  });
  return {
    pid,
    result,
    said: (text) =>
      new Promise((resolve) => {
        if (stderr.includes(text) || child.exitCode !== null) resolve();
        else waiting.push({ text, resolve });
      }),
    killGroup,
    kill: (signal) => void child.kill(signal),
  };
};

/** The process of the server whose data lies in `dataDir`, when it runs. */
const postmaster = (dataDir: string): number | undefined => {
  const file = join(dataDir, 'postmaster.pid');
  if (!existsSync(file)) return undefined;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  return isAlive(pid) ? pid : undefined;
};

/** Whether the process runs; one that ended and was never waited for does not. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return !existsSync('/proc/self') || readText(`/proc/${pid}/cmdline`) !== '';
};

/** Command lines that name `text`, on Linux; elsewhere none are seen. */
const processesOf = (text: string): string[] =>
  names('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((name) => readText(`/proc/${name}/cmdline`).replaceAll('\0', ' '))
    .filter((line) => line.includes(text));

/** The text of a file that may be gone or closed to us: then empty. */
export const readText = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
};

export const names = (dir: string): string[] => (existsSync(dir) ? readdirSync(dir) : []);

/** The path of every file below `dir`; what vanishes meanwhile is passed over. */
export const filesBelow = (dir: string): string[] =>
  existsSync(dir)
    ? readdirSync(dir, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
    : [];
