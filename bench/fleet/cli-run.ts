import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { familyOf, rssBytes } from './processes.js';

const SAMPLE_MS = 250;

/** One command of the built CLI that has ended. */
export interface CliRun {
  readonly status: number | null;
  readonly tookMs: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The command and everything that it started, without Postgres servers; the most at one time. */
  readonly peakRssBytes: number;
  /** The command's own process, at each sample. */
  readonly ownRssBytes: readonly number[];
}

export interface CliRunOptions {
  readonly cli: string;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** The command is killed with SIGKILL, alone, when this says so of what it has printed. */
  readonly killWhen?: (stdout: string) => boolean;
  readonly onStart?: (pid: number) => void;
  readonly onLine?: (line: string) => void;
}

export const runCli = async (args: readonly string[], options: CliRunOptions): Promise<CliRun> => {
  const startedMs = performance.now();
  const child = spawn(process.execPath, [options.cli, ...args], {
    cwd: options.cwd,
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const pid = child.pid ?? 0;
  options.onStart?.(pid);
  const printed = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    printed.stdout += part;
    for (const line of part.trimEnd().split('\n')) options.onLine?.(line);
    if (options.killWhen?.(printed.stdout)) child.kill('SIGKILL');
  });
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    printed.stderr += part;
  });
  const own: number[] = [];
  let peakRssBytes = 0;
  const sampler = setInterval(() => {
    const family = familyOf(pid).filter(({ name }) => name !== 'postgres' && name !== 'pg_ctl');
    const sizes = family.map((member) => rssBytes(member.pid));
    peakRssBytes = Math.max(
      peakRssBytes,
      sizes.reduce((sum, size) => sum + size, 0),
    );
    if (sizes[0] !== undefined && sizes[0] > 0) own.push(sizes[0]);
  }, SAMPLE_MS);
  const [status] = (await once(child, 'exit')) as [number | null];
  clearInterval(sampler);
  return { status, tookMs: performance.now() - startedMs, ...printed, peakRssBytes, ownRssBytes: own };
};
