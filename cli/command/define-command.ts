import type { z } from 'zod';
import type { Context } from '../terminal/context.js';
import type { ArgumentSpec, ArgumentValues } from './arguments.js';
import type { OptionSpecs, OptionValues } from './options.js';
import type { LoadView } from './view.js';

/**
 * A command: its arguments and options, and its action. Every --help loads the file of every command, so `run` loads its
 * use case by `await import`.
 */
export interface CommandSpec<
  A extends readonly ArgumentSpec[],
  O extends OptionSpecs,
  V extends z.ZodType,
  L extends z.ZodType,
> {
  readonly name: string;
  readonly description: string;
  readonly arguments?: A;
  /** By their names in camel case: `newestBy` is --newest-by. */
  readonly options?: O;
  /** Whole command lines, as somebody types them. */
  readonly examples?: readonly string[];
  /** Text for the end of its help. */
  readonly note?: string;
  /** What follows the first argument belongs to another program; so the command has no common options but -C. */
  readonly passThrough?: true;
  /** The view of its result with --json. Without a view it cannot call `context.result`. */
  readonly view?: LoadView<V>;
  /** The view of each line that it prints as it goes. */
  readonly lines?: LoadView<L>;
  run(context: Context<V, L>, options: OptionValues<O>, ...args: ArgumentValues<A>): Promise<void>;
}

/** Any command. Only a caller that has read the command line by its declaration may run it. */
export interface Command
  extends Omit<CommandSpec<readonly ArgumentSpec[], OptionSpecs, z.ZodType, z.ZodType>, 'run'> {
  run(context: Context, options: never, ...args: never[]): Promise<void>;
}

/** Commands of one subject: `ringfence tenants ...`. */
export interface Group {
  readonly name: string;
  readonly description: string;
  /** In the order of the help. */
  readonly commands: readonly Command[];
}

/** Gives `run` the types of what is declared beside it. */
export const defineCommand = <
  const A extends readonly ArgumentSpec[] = readonly [],
  const O extends OptionSpecs = Record<never, never>,
  V extends z.ZodType = never,
  L extends z.ZodType = never,
>(
  spec: CommandSpec<A, O, V, L>,
): CommandSpec<A, O, V, L> => spec;
