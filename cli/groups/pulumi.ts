import type { Command } from 'commander';
import { folderOption, withFolder } from '../register.js';
import { createContext, type GlobalOptions } from '../terminal/context.js';
import type { Terminal } from '../terminal/terminal.js';

/** `ringfence pulumi`: what follows goes to the engine as it is, so it has no common options. */
export const registerPulumi = (program: Command, terminal: Terminal, result: { status: number }): void => {
  program
    .command('pulumi')
    .description("the engine itself, on this project's stacks: ringfence pulumi -- stack ls")
    .addOption(folderOption(terminal))
    .option('--print-env', 'print the variables for plain pulumi: eval "$(ringfence pulumi --print-env)"')
    .argument('[args...]')
    .passThroughOptions()
    .action(async (args: string[], given: GlobalOptions & { printEnv?: boolean }, command: Command) => {
      const options = withFolder(given, command);
      const context = createContext(terminal, options, result);
      await (await import('../commands/pulumi.js')).pulumi(context, options, args);
    });
};
