import { CommanderError } from 'commander';
import { EXIT_STATUS, RingfenceError } from '../core/errors.js';
import type { Act } from './command/register.js';
import { asksForCompletion, complete } from './completion.js';
import { buildProgram } from './program.js';
import type { Outcome } from './terminal/context.js';
import type { Terminal } from './terminal/terminal.js';

/** Runs one command. @returns its exit status. */
export const run = async (terminal: Terminal): Promise<number> => {
  const outcome: Outcome = { status: 0, correlationId: terminal.newId(), document: '' };
  const act: Act = async (command, { options, args, globals }) => {
    const { createContext } = await import('./terminal/context.js');
    const views = globals.json ? { result: await command.view?.(), line: await command.lines?.() } : {};
    await command.run(createContext(terminal, globals, outcome, views), options, ...args);
    if (outcome.document) terminal.stdout.write(outcome.document);
  };
  const program = buildProgram(terminal, act);
  try {
    if (asksForCompletion(terminal.args) && (await complete(program, terminal))) return outcome.status;
    await program.parseAsync(terminal.args, { from: 'user' });
    return outcome.status;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0;
    const json = terminal.args.includes('--json');
    const { printError, printErrorLine } = await import('./print/error.js');
    if (thrown instanceof CommanderError) {
      // Commander has told people already.
      if (json) printErrorLine(terminal, { code: 'usage', message: thrown.message.replace(/^error: /, '') });
      return EXIT_STATUS.usage;
    }
    const { translateForeignError } = await import('../data-plane/foreign-errors.js');
    const error = translateForeignError(thrown);
    printError(error, { terminal, json, correlationId: outcome.correlationId });
    return error instanceof RingfenceError ? error.exitStatus : EXIT_STATUS.internal;
  }
};
