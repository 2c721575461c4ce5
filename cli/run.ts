import { CommanderError } from 'commander';
import { EXIT_STATUS } from '../core/errors.js';
import type { Act } from './command/register.js';
import { asksForCompletion, complete } from './completion.js';
import { buildProgram } from './program.js';
import type { Terminal } from './terminal/terminal.js';

/** Runs one command. @returns its exit status. */
export const run = async (terminal: Terminal): Promise<number> => {
  const correlationId = terminal.newId();
  let status = 0;
  const act: Act = async (command, given) => {
    const { runCommand } = await import('./run-command.js');
    status = (await runCommand(terminal, command, given, correlationId)).exitStatus;
  };
  const program = buildProgram(terminal, act);
  try {
    if (asksForCompletion(terminal.args) && (await complete(program, terminal))) return status;
    await program.parseAsync(terminal.args, { from: 'user' });
    return status;
  } catch (thrown) {
    const json = terminal.args.includes('--json');
    if (!(thrown instanceof CommanderError)) {
      const { fail } = await import('./run-command.js');
      return fail(thrown, { terminal, json, correlationId }).exitStatus;
    }
    if (thrown.exitCode === 0) return 0;
    // Commander has told people already.
    if (json) {
      const { printErrorLine } = await import('./print/error.js');
      printErrorLine(terminal, { code: 'usage', message: thrown.message.replace(/^error: /, '') });
    }
    return EXIT_STATUS.usage;
  }
};
