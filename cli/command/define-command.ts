import type { z } from 'zod';
import type { SubmissionKind, SubmittedWords } from '../../control-plane/submissions/kinds.js';
import type { LoadedManifest } from '../../manifest/index.js';
import type { Context } from '../terminal/context.js';
import type { ArgumentSpec, ArgumentValues } from './arguments.js';
import type { OptionSpecs, OptionValues } from './options.js';
import type { LoadView } from './view.js';

/** What a worker gets of a command; the kinds whose schema gives what the command takes. */
type OnWorker<
  A extends readonly ArgumentSpec[],
  O extends OptionSpecs,
  V extends z.ZodType,
  L extends z.ZodType,
> = {
  [K in SubmissionKind]: SubmittedWords<K> extends {
    args: Partial<ArgumentValues<A>>;
    options: OptionValues<O>;
  }
    ? {
        readonly kind: K;
        /** Reads the manifest that comes along, here where it lies, and says what else does. */
        readonly gather?: (
          context: Context<V, L>,
          options: OptionValues<O>,
          ...args: ArgumentValues<A>
        ) => Promise<{
          readonly manifest: LoadedManifest;
          readonly args: ArgumentValues<A>;
          readonly options: OptionValues<O>;
        }>;
      }
    : never;
}[SubmissionKind];

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
  /** A worker can run it for somebody who does not reach the cell. */
  readonly onWorker?: OnWorker<A, O, V, L>;
  /** The view of its result with --json. Without a view it cannot call `context.result`. */
  readonly view?: LoadView<V>;
  /** The view of each line that it prints as it goes. */
  readonly lines?: LoadView<L>;
  run(context: Context<V, L>, options: OptionValues<O>, ...args: ArgumentValues<A>): Promise<void>;
}

/** Any command. Only a caller that has read the command line by its declaration may run it. */
export interface Command
  extends Omit<CommandSpec<readonly ArgumentSpec[], OptionSpecs, z.ZodType, z.ZodType>, 'run' | 'onWorker'> {
  readonly onWorker?: {
    readonly kind: SubmissionKind;
    readonly gather?: (
      context: never,
      options: never,
      ...args: never[]
    ) => Promise<{
      readonly manifest: LoadedManifest;
      readonly args: readonly unknown[];
      readonly options: Readonly<Record<string, unknown>>;
    }>;
  };
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
