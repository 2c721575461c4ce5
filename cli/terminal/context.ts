import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import type { z } from 'zod';
import { openProject, type Project } from '../../control-plane/project/project.js';
import type { RunSubmitted } from '../../control-plane/submissions/carry-out.js';
import type { Caller } from '../../core/caller.js';
import { RingfenceError } from '../../core/errors.js';
import type { LoadedManifest } from '../../manifest/index.js';
import type { GlobalOptions } from '../command/global-options.js';
import type { Shown } from '../command/view.js';
import { paint } from '../print/table.js';
import type { Terminal } from './terminal.js';

/** The context of every command: its folder and its streams. `V` is the view of its result, `L` of its lines. */
export interface Context<V = never, L = never> {
  /** Its `cwd` is the folder of -C, where there is one: every path on the command line is relative to it. */
  readonly terminal: Terminal;
  readonly project: Project;
  /** The caller that runs this process. */
  readonly caller: Caller;
  readonly json: boolean;
  readonly yes: boolean;
  /** A person can be asked: a terminal on both ends, and neither --json nor --non-interactive. */
  readonly interactive: boolean;
  readonly colors: ReturnType<typeof paint>;
  /** The manifests that came with a submission, in place of the files of this folder. */
  readonly manifests?: readonly LoadedManifest[];
  /** Runs a command that somebody else has submitted, in this process. */
  readonly runSubmitted: RunSubmitted;
  /** A line for people, on standard error. */
  say(line: string): void;
  /** Prints the result: as `text`, or with --json by its view once the command has ended well. */
  result(value: Shown<V>, text: () => string): void;
  /** Prints a part of the result as it comes: a line of JSON with --json, otherwise nothing. */
  line(value: Shown<L>): void;
  /** Sets the exit status of a command that ran but found something. */
  exitWith(status: number): void;
}

/** What a command leaves for the end of the process. */
export interface Outcome {
  status: number;
  readonly correlationId: string;
  /** The printed result, with --json. A command that fails after it, while it closes, prints its error alone. */
  document: string;
}

/** Loaded for --json only. */
interface Views {
  readonly result?: z.ZodType | undefined;
  readonly line?: z.ZodType | undefined;
}

export const createContext = (
  terminal: Terminal,
  options: GlobalOptions,
  outcome: Outcome,
  views: Views,
  runSubmitted: RunSubmitted,
): Context => {
  const root = resolve(terminal.cwd, options.cwd ?? '.');
  const json = options.json === true;
  const env = options.color === false ? { ...terminal.env, NO_COLOR: '1' } : terminal.env;
  return {
    terminal: { ...terminal, env, cwd: root },
    project: openProject(root, terminal.env.RINGFENCE_HOME),
    caller: { who: userInfo().username, door: 'cli', correlationId: outcome.correlationId },
    json,
    yes: options.yes === true,
    interactive:
      !json &&
      options.nonInteractive !== true &&
      terminal.stdin.isTTY === true &&
      terminal.stderr.isTTY === true,
    colors: paint({ ...terminal, env }),
    runSubmitted,
    say: (line) => void terminal.stderr.write(`${line}\n`),
    result: (value, text) => {
      if (json) outcome.document = `${JSON.stringify(show(views.result, value), null, 2)}\n`;
      else terminal.stdout.write(text());
    },
    line: (value) => {
      if (json) terminal.stdout.write(`${JSON.stringify(show(views.line, value))}\n`);
    },
    exitWith: (status) => {
      outcome.status = status;
    },
  };
};

/**
 * Returns the printed form of a value, by its view.
 * @throws RingfenceError `internal`, with the places but not the values, for a value that does not fit its view.
 */
export const show = (view: z.ZodType | undefined, value: unknown): unknown => {
  const shown = view?.safeParse(value);
  if (shown?.success) return shown.data;
  const wrong = shown?.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'all of it'}: ${message}`,
  );
  throw new RingfenceError('internal', `the result is not as documented: ${wrong?.join('; ') ?? 'no view'}`, {
    fix: 'the command has done what it was asked for; without --json it prints that',
  });
};
