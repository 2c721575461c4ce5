import { spawnSync } from 'node:child_process';
import { RingfenceError } from '../../../core/errors.js';
import type { ServerAccount } from './account.js';
import { saysDiskFull } from './disk-full.js';

/**
 * Runs one of Postgres' own tools to its end, as the server's account where there is one.
 * @param input on its standard input; secrets are no arguments.
 * @throws RingfenceError `disk_full` or `database_unavailable` with the tool's last words.
 */
export const runTool = (
  tool: string,
  args: readonly string[],
  account: ServerAccount | undefined,
  input?: string,
): string => {
  const result = spawnSync(tool, args, {
    encoding: 'utf8',
    cwd: '/',
    env: { LC_ALL: 'C', PATH: '/usr/bin:/bin', TZ: 'UTC' },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    ...(input === undefined ? {} : { input }),
    ...(account ?? {}),
  });
  if (result.status === 0) return result.stdout;
  const output = `${result.stderr ?? ''}${result.stdout ?? ''}`.trim();
  const words = output.split('\n').slice(-4).join(' / ');
  // Ctrl-C reaches the tool too; initdb says so and exits, the others end by the signal.
  if (result.signal === 'SIGINT' || /caught signal|terminated by signal 2/.test(output)) {
    throw new RingfenceError('cancelled', 'cancelled', {
      fix: 'run the same command again: it goes on from here',
    });
  }
  if (saysDiskFull(output)) {
    throw new RingfenceError('disk_full', 'the disk is full: Postgres could not write', {
      fix: 'free some space and run the command again; what was half-written has been removed',
      cause: result.error ?? words,
    });
  }
  throw new RingfenceError(
    'database_unavailable',
    `${tool.split('/').at(-1)} failed: ${words || result.error?.message}`,
    {
      fix: 'run `ringfence doctor`, which names what is missing on this machine',
      cause: result.error ?? words,
    },
  );
};
