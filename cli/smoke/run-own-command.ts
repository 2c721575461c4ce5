import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { leaveInterruptsToChild } from '../terminal/interrupt.js';
import type { Terminal } from '../terminal/terminal.js';

/** How a command of ours ended, with its result and what it said to people. */
export interface Ended {
  /** Null after a signal. */
  readonly status: number | null;
  readonly printed: string;
  readonly said: string;
}

/** Runs a command of this program in a process of its own, as somebody who types it. */
export const runOwnCommand = async (
  { cwd, env }: Pick<Terminal, 'cwd' | 'env'>,
  args: readonly string[],
): Promise<Ended> => {
  const child = spawn(process.execPath, [process.argv[1] ?? '', ...args, '--non-interactive'], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  leaveInterruptsToChild();
  const printed = text(child.stdout);
  const said = text(child.stderr);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { status, printed: await printed, said: await said };
};
