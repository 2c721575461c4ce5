import type { z } from 'zod';

/** Loads the schema of a command's output with --json. The start of the CLI loads none. */
export type LoadView<V extends z.ZodType> = () => Promise<V>;

/** The values that a view can show: its input, read-only. `never` without a view. */
export type Shown<V> = [V] extends [z.ZodType]
  ? [V] extends [never]
    ? never
    : Unchanged<z.input<V>>
  : never;

type Unchanged<T> = T extends Date | Error
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Unchanged<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Unchanged<T[Key]> }
      : T;
