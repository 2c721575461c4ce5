import type { Command } from 'commander';
import { createContext, type GlobalOptions } from '../context.js';
import { existingFolder } from '../option-values.js';
import type { Terminal } from '../run.js';

/** `ringfence pulumi`: what follows goes to the engine as it is, so it has no common options. */
export const registerPulumi = (program: Command, terminal: Terminal, result: { status: number }): void => {
  program
    .command('pulumi')
    .description("the engine itself, on this project's stacks: ringfence pulumi -- stack ls")
    .option('-C, --cwd <folder>', 'work in this project', existingFolder(terminal.cwd))
    .option('--print-env', 'print the variables for plain pulumi: eval "$(ringfence pulumi --print-env)"')
    .argument('[args...]')
    .passThroughOptions()
    .action(async (args: string[], options: GlobalOptions & { printEnv?: boolean }) => {
      const context = createContext(terminal, options, result);
      await (await import('../commands/pulumi.js')).pulumi(context, options, args);
    });
};
