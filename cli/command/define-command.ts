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
        /** Reads the manifests that come along, here where they lie, and says what else does. */
        readonly gather?: (
          context: Context<V, L>,
          options: OptionValues<O>,
          ...args: ArgumentValues<A>
        ) => Promise<{
          readonly manifests: readonly LoadedManifest[];
          readonly args: ArgumentValues<A>;
          readonly options: OptionValues<O>;
        }>;
      }
    : never;
}[SubmissionKind];

/** Words for whoever asks for it with --on-worker. */
interface NotOnWorker {
  readonly because: string;
  /** What to do. */
  readonly instead: string;
}

/** Reasons that several commands have. */
export const NOT_ON_WORKER = {
  printsPeople: {
    because: 'what it prints of people would lie in the control database',
    instead: 'run it through a tunnel',
  },
  hasFiles: {
    because: 'it reads or writes files of the machine where it is typed',
    instead: 'run it through a tunnel',
  },
  ofProject: {
    because: 'it changes or reads what the folder of the project has',
    instead: 'run it where the project is, in the network of the cell or through a tunnel',
  },
  ofServer: {
    because: 'it looks after the server of a cell itself, or makes it',
    instead: 'run it where the project is, in the network of the cell or through a tunnel',
  },
  saysWhatItCan: {
    because: 'it says what the control database knows, and of the cell that it is not reached',
    instead: 'leave --on-worker out; for the rest run it through a tunnel',
  },
} as const satisfies Readonly<Record<string, NotOnWorker>>;

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
  /** It reaches cells, and no worker runs it for others. A command with neither needs no cell, or one that it makes for itself. */
  readonly notOnWorker?: NotOnWorker;
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
      readonly manifests: readonly LoadedManifest[];
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
