import { resolve } from 'node:path';
import { openProject, type Project } from '../control-plane/project.js';
import { RingfenceError } from '../tenants/errors.js';
import { paint } from './print.js';
import type { Terminal } from './run.js';

/** What every command gets: where it works and how it talks. */
export interface Context {
  readonly terminal: Terminal;
  readonly project: Project;
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

export interface GlobalOptions {
  readonly cwd?: string;
  readonly json?: boolean;
  readonly yes?: boolean;
  /** Commander's form of --non-interactive and --no-color. */
  readonly nonInteractive?: boolean;
}

export const createContext = (
  terminal: Terminal,
  options: GlobalOptions,
  result: { status: number },
): Context => {
  const root = resolve(terminal.cwd, options.cwd ?? '.');
  const json = options.json === true;
  return {
    terminal,
    project: openProject(root, terminal.env.RINGFENCE_HOME),
    json,
    yes: options.yes === true,
    interactive:
      !json &&
      options.nonInteractive !== true &&
      terminal.stdin.isTTY === true &&
      terminal.stderr.isTTY === true,
    colors: paint(terminal),
    say: (line) => void terminal.stderr.write(`${line}\n`),
    result: (value, text) =>
      void terminal.stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : text()),
    exitWith: (status) => {
      result.status = status;
    },
  };
};

/** Asks a person, or takes --yes. @throws RingfenceError `confirmation_missing` without either, `cancelled` on a no. */
export const confirm = async (context: Context, question: string): Promise<void> => {
  if (context.yes) return;
  if (!context.interactive) {
    throw new RingfenceError('confirmation_missing', `${question} Nobody can be asked here.`, {
      fix: 'add --yes',
    });
  }
  const prompts = await import('@clack/prompts');
  const answer = await prompts.confirm({ message: question, initialValue: true, ...streams(context) });
  if (answer !== true) throw new RingfenceError('cancelled', 'cancelled; nothing was deployed or removed');
};

/** What destroys is confirmed by typing its name; --yes confirms it too. */
export const confirmByName = async (context: Context, name: string, what: string): Promise<void> => {
  if (context.yes) return;
  if (!context.interactive) {
    throw new RingfenceError('confirmation_missing', `${what} Nobody can be asked here.`, {
      fix: 'add --yes',
    });
  }
  await typed(context, name, what);
};

const typed = async (context: Context, name: string, what: string): Promise<void> => {
  const prompts = await import('@clack/prompts');
  const answer = await prompts.text({ message: `${what} Type ${name} to go on.`, ...streams(context) });
  if (answer !== name) throw new RingfenceError('cancelled', 'cancelled; nothing was deployed or removed');
};

/**
 * What gives up what others did since: its name is typed, or given by `--confirm`. --yes is not enough.
 * @param given what `--confirm` says.
 */
export const confirmNamed = async (
  context: Context,
  name: string,
  what: string,
  given: string | undefined,
): Promise<void> => {
  if (given === name) return;
  if (given !== undefined) throw new RingfenceError('usage', `--confirm ${given} is not ${name}`);
  if (!context.interactive) {
    throw new RingfenceError('confirmation_missing', `${what} Nobody can be asked here.`, {
      fix: `add --confirm ${name}`,
    });
  }
  await typed(context, name, what);
};

/** Questions go to standard error, so that standard output holds results only. */
const streams = ({ terminal }: Context) => ({ input: terminal.stdin, output: terminal.stderr });
