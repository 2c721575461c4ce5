import { resolve } from 'node:path';
import type { CommandEnd, RunSubmitted } from '../control-plane/submissions/carry-out.js';
import { EXIT_STATUS, RingfenceError } from '../core/errors.js';
import { translateForeignError } from '../data-plane/foreign-errors.js';
import type { Command } from './command/define-command.js';
import type { Given } from './command/register.js';
import { COMMANDS } from './commands/index.js';
import { printError } from './print/error.js';
import { type Context, createContext, type Outcome } from './terminal/context.js';
import type { Terminal } from './terminal/terminal.js';

/** Runs a command by what was read of its line. @returns how it ended; a failure is printed. */
export const runCommand = async (
  terminal: Terminal,
  command: Command,
  { options, args, globals, onWorker }: Given,
  correlationId: string,
  submitted: Partial<Pick<Context, 'caller' | 'manifests'>> = {},
): Promise<CommandEnd> => {
  const outcome: Outcome = { status: 0, correlationId, document: '' };
  try {
    const views = globals.json ? { result: await command.view?.(), line: await command.lines?.() } : {};
    const context = {
      ...createContext(terminal, globals, outcome, views, runSubmitted(terminal)),
      ...submitted,
    };
    if (onWorker) {
      const { runOnWorker } = await import('./submitted/run-on-worker.js');
      await runOnWorker(context, command, { options, args });
    } else await command.run(context, options, ...args);
    if (outcome.document) terminal.stdout.write(outcome.document);
    return { exitStatus: outcome.status, errorCode: null };
  } catch (thrown) {
    return fail(thrown, { terminal, json: globals.json === true, correlationId });
  }
};

/** Prints what was thrown. */
export const fail = (
  thrown: unknown,
  printing: { readonly terminal: Terminal; readonly json: boolean; readonly correlationId: string },
): CommandEnd => {
  const error = translateForeignError(thrown);
  printError(error, printing);
  return error instanceof RingfenceError
    ? { exitStatus: error.exitStatus, errorCode: error.code }
    : { exitStatus: EXIT_STATUS.internal, errorCode: 'internal' };
};

/** Runs what somebody else has submitted, with its output going into the record. */
const runSubmitted =
  (terminal: Terminal): RunSubmitted =>
  async ({ id, kind, words, manifests, printing, who }, print) => {
    const { recordedTerminal } = await import('./submitted/recorded-terminal.js');
    const { json, yes } = printing;
    return runCommand(
      recordedTerminal(terminal, printing.colors, print),
      commandOf(kind),
      {
        options: words.options as never,
        args: words.args as never[],
        globals: { json, yes, nonInteractive: true },
        onWorker: false,
      },
      id,
      {
        caller: { who, door: 'worker', correlationId: id },
        ...(manifests.length > 0
          ? { manifests: manifests.map((one) => ({ ...one, path: resolve(terminal.cwd, one.path) })) }
          : {}),
      },
    );
  };

/** @param path the names of a group and of its command. */
const commandOf = (path: string): Command => {
  const [groupName, name] = path.split(' ');
  const group = COMMANDS.find((entry) => entry.name === groupName);
  const command =
    group && 'commands' in group ? group.commands.find((entry) => entry.name === name) : undefined;
  if (command?.onWorker?.kind === path) return command;
  throw new RingfenceError('internal', `no command says that a worker runs \`${path}\``);
};
