import { Argument } from 'commander';

/** `<one>`, `[perhaps]`, `<one or more...>` or `[any...]`; written out where it has choices. */
export type ArgumentSpec =
  | string
  | { readonly name: string; readonly description: string; readonly choices: readonly string[] };

type Shaped<Name, Value> = Name extends `${string}...${string}`
  ? readonly Value[]
  : Name extends `[${string}`
    ? Value | undefined
    : Value;

type ArgumentValue<A> = A extends { readonly name: infer Name; readonly choices: readonly (infer Choice)[] }
  ? Shaped<Name, Choice>
  : Shaped<A, string>;

/** The values that a command gets for its arguments. */
export type ArgumentValues<A extends readonly ArgumentSpec[]> = {
  readonly [Index in keyof A]: ArgumentValue<A[Index]>;
};

export const argumentOf = (spec: ArgumentSpec): Argument =>
  typeof spec === 'string'
    ? new Argument(spec)
    : new Argument(spec.name, spec.description).choices(spec.choices);
