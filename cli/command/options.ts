import { Option } from 'commander';

/** An option; without `value` a flag. */
export interface OptionSpec {
  readonly description?: string;
  /** The name of its value in the help: `<count>`; `<name...>` takes several. */
  readonly value?: `<${string}>`;
  /** Its letter: `f` for -f. */
  readonly short?: string;
  readonly choices?: readonly string[];
  /** @throws InvalidArgumentError that says what is allowed. */
  readonly parse?: (text: string) => unknown;
  /** May be given again: a list, empty without it. `whenNone` says in the help what that means. */
  readonly many?: true;
  readonly whenNone?: string;
  readonly required?: true;
  readonly default?: unknown;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

type Single<S> = S extends { readonly parse: (text: string) => infer Value }
  ? Value
  : S extends { readonly choices: readonly (infer Choice)[] }
    ? Choice
    : string;

type Value<S> = S extends { readonly value: string }
  ? S extends { readonly many: true }
    ? readonly Single<S>[]
    : Single<S>
  : boolean;

type Always =
  | { readonly required: true }
  | { readonly many: true }
  | { readonly default: NonNullable<unknown> };

/** The values that a command gets for its options. An optional one may be missing. */
export type OptionValues<O extends OptionSpecs> = {
  readonly [Name in keyof O as O[Name] extends Always ? Name : never]: Value<O[Name]>;
} & {
  readonly [Name in keyof O as O[Name] extends Always ? never : Name]?: Value<O[Name]>;
};

/** For options that functions beside `run` take: `OptionValues<typeof options>`. */
export const defineOptions = <const O extends OptionSpecs>(options: O): O => options;

export const optionOf = (name: string, spec: OptionSpec): Option => {
  const { short, value, description, choices, parse, many, whenNone, required = false } = spec;
  const long = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const flags = `${short === undefined ? '' : `-${short}, `}${long}${value === undefined ? '' : ` ${value}`}`;
  const option = new Option(flags, description).makeOptionMandatory(required);
  if (choices !== undefined) option.choices(choices);
  if (many) option.default([], whenNone);
  else if (spec.default !== undefined) option.default(spec.default);
  if (many && !option.variadic)
    option.argParser((text: string, before: readonly unknown[]) => [...before, parse ? parse(text) : text]);
  else if (parse !== undefined) option.argParser(parse);
  return option;
};
