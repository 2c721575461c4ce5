import { type Command as Commander, Option } from 'commander';
import { argumentOf } from './arguments.js';
import type { Command, Group } from './define-command.js';
import { folderOption, type GlobalOptions, givenGlobals, globalOptions } from './global-options.js';
import { optionOf } from './options.js';

/** The words after the name of a command, read as the command declares them. */
export interface Given {
  readonly options: never;
  readonly args: readonly never[];
  readonly globals: GlobalOptions;
  /** A worker shall run it. */
  readonly onWorker: boolean;
}

export type Act = (command: Command, given: Given) => Promise<void>;

interface Registering {
  readonly shellFolder: string;
  /** Commands that a worker can run are for the worker also without --on-worker. */
  readonly alwaysOnWorker: boolean;
  readonly act: Act;
}

/** Gives commander a command, or a group with all of its own. */
export const register = (parent: Commander, entry: Command | Group, registering: Registering): void => {
  const line = parent.command(entry.name).description(entry.description);
  if ('commands' in entry) {
    for (const option of globalOptions(registering.shellFolder)) line.addOption(option);
    for (const command of entry.commands) register(line, command, registering);
  } else declare(line, entry, registering);
};

const ON_WORKER = 'onWorker';

/** Every command reads it, so that one that no worker runs can say so. */
const onWorkerOption = (command: Command): Option =>
  new Option(
    '--on-worker',
    'have the worker run it, which reaches the cell; RINGFENCE_ON_WORKER=1 says so for all',
  ).hideHelp(command.onWorker === undefined);

const declare = (line: Commander, command: Command, registering: Registering): void => {
  const { shellFolder, alwaysOnWorker, act } = registering;
  const { arguments: args = [], options = {}, passThrough = false, note, examples = [] } = command;
  for (const spec of args) line.addArgument(argumentOf(spec));
  for (const [name, spec] of Object.entries(options)) line.addOption(optionOf(name, spec));
  const common = passThrough ? [folderOption(shellFolder)] : globalOptions(shellFolder);
  for (const option of common) line.addOption(option);
  if (!passThrough) line.addOption(onWorkerOption(command));
  if (note !== undefined) line.addHelpText('after', `\n${note}`);
  if (examples.length > 0)
    line.addHelpText('after', ['\nExamples:', ...examples.map((example) => `  $ ${example}`)].join('\n'));
  line.passThroughOptions(passThrough).action((...given: unknown[]) => {
    // Commander passes the arguments, then the options, then itself.
    const args = given.slice(0, -2) as never[];
    const declared = Object.entries(line.opts()).filter(([name]) => name in options);
    return act(command, {
      options: Object.fromEntries(declared) as never,
      args,
      globals: givenGlobals(line),
      onWorker: line.opts()[ON_WORKER] === true || (alwaysOnWorker && command.onWorker !== undefined),
    });
  });
};
