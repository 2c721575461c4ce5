import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import { openProject, type Project } from '../../control-plane/project/project.js';
import type { Caller } from '../../core/caller.js';
import type { GlobalOptions } from '../command/global-options.js';
import { paint } from '../print/table.js';
import type { Terminal } from './terminal.js';

/** What every command gets: where it works and how it talks. */
export interface Context {
  /** Its `cwd` is the folder of -C, where there is one: every path on the command line is relative to it. */
  readonly terminal: Terminal;
  readonly project: Project;
  /** Whoever runs this process. */
  readonly caller: Caller;
  readonly json: boolean;
  readonly yes: boolean;
  /** A person can be asked: a terminal on both ends, and neither --json nor --non-interactive. */
  readonly interactive: boolean;
  readonly colors: ReturnType<typeof paint>;
  /** A line for people, on standard error. */
  say(line: string): void;
  /** The result: JSON with --json, else `text`. */
  result(value: unknown, text: () => string): void;
  /** Sets the exit status of a command that ran but found something. */
  exitWith(status: number): void;
}

export const createContext = (
  terminal: Terminal,
  options: GlobalOptions,
  result: { status: number; readonly correlationId: string },
): Context => {
  const root = resolve(terminal.cwd, options.cwd ?? '.');
  const json = options.json === true;
  const env = options.color === false ? { ...terminal.env, NO_COLOR: '1' } : terminal.env;
  return {
    terminal: { ...terminal, env, cwd: root },
    project: openProject(root, terminal.env.RINGFENCE_HOME),
    caller: { who: userInfo().username, door: 'cli', correlationId: result.correlationId },
    json,
    yes: options.yes === true,
    interactive:
      !json &&
      options.nonInteractive !== true &&
      terminal.stdin.isTTY === true &&
      terminal.stderr.isTTY === true,
    colors: paint({ ...terminal, env }),
    say: (line) => void terminal.stderr.write(`${line}\n`),
    result: (value, text) =>
      void terminal.stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : text()),
    exitWith: (status) => {
      result.status = status;
    },
  };
};
