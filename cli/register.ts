import { type Command, Option } from 'commander';
import { existingFolder } from './command/option-values.js';
import { type Context, createContext, type GlobalOptions } from './terminal/context.js';
import type { Terminal } from './terminal/terminal.js';

type Action<A extends readonly unknown[], O> = (context: Context, options: O, ...args: A) => Promise<void>;

/** Gives a command its common options, and the code that it loads when it runs, so that --help stays fast. */
export type On = <A extends readonly unknown[], O>(
  command: Command,
  load: () => Promise<Action<A, O>>,
) => Command;

/** Adds the commands of one group to the program. */
export type Register = (program: Command, on: On) => void;

/** -C, which may stand before a command, as git's does, and after it. */
export const folderOption = ({ cwd }: Terminal): Option =>
  new Option('-C, --cwd <folder>', 'work in this folder; paths are relative to it').argParser(
    existingFolder(cwd),
  );

/** The options of a command, with the folder that was named before it. */
export const withFolder = <O extends GlobalOptions>(options: O, command: Command): O => {
  const cwd = options.cwd ?? command.optsWithGlobals<GlobalOptions>().cwd;
  return cwd === undefined ? options : { ...options, cwd };
};

/** `On` for the commands of one run. */
export const actionsOf =
  (terminal: Terminal, result: { status: number }): On =>
  <A extends readonly unknown[], O>(command: Command, load: () => Promise<Action<A, O>>) =>
    command
      .addOption(folderOption(terminal))
      .option('--json', 'print the result as JSON on standard output')
      .option('-y, --yes', 'do not ask')
      .addOption(new Option('--non-interactive', 'never ask'))
      .addOption(new Option('--no-color', 'no colours'))
      // commander gives the arguments first, then the options, then the command.
      .action(async (...given: unknown[]) => {
        const command = given.at(-1) as Command;
        const options = withFolder(given.at(-2) as O & GlobalOptions & { color?: boolean }, command);
        const env = options.color === false ? { ...terminal.env, NO_COLOR: '1' } : terminal.env;
        const context = createContext({ ...terminal, env }, options, result);
        await (await load())(context, options, ...(given.slice(0, -2) as unknown as A));
      });
