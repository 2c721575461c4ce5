import { type Command, Option } from 'commander';
import { existingFolder } from './option-values.js';

/** The options that every command takes, before its name and after it. */
export interface GlobalOptions {
  readonly cwd?: string;
  readonly json?: boolean;
  readonly yes?: boolean;
  /** Commander's form of --non-interactive and --no-color. */
  readonly nonInteractive?: boolean;
  readonly color?: boolean;
}

const NAMES: readonly (keyof GlobalOptions)[] = ['cwd', 'json', 'yes', 'nonInteractive', 'color'];

/** @param shellFolder is the folder of the shell; -C is relative to it. */
export const folderOption = (shellFolder: string): Option =>
  new Option('-C, --cwd <folder>', 'work in this folder; paths are relative to it').argParser(
    existingFolder(shellFolder),
  );

export const globalOptions = (shellFolder: string): readonly Option[] => [
  folderOption(shellFolder),
  new Option('--json', 'print the result as JSON on standard output'),
  new Option('-y, --yes', 'do not ask'),
  new Option('--non-interactive', 'never ask'),
  new Option('--no-color', 'no colours'),
];

/** The common options of a command line. The one that stands nearest to the end counts. */
export const givenGlobals = (command: Command): GlobalOptions => {
  const given = NAMES.map((name) => [name, nearest(command, name)] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
};

const nearest = (command: Command, name: string): unknown => {
  for (let place: Command | null = command; place !== null; place = place.parent)
    if (place.getOptionValueSource(name) === 'cli') return place.getOptionValue(name);
  return undefined;
};
