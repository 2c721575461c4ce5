import type { z } from 'zod';

/** Loads the schema of what a command prints with --json: the start of the CLI loads none. */
export type LoadView<V extends z.ZodType> = () => Promise<V>;

/** What may be shown by a view: its input, of which nothing is changed. `never` where there is no view. */
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
