import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { hasUnknown, type Properties, type ServedResource } from '../provider/resource.js';

/**
 * A resource type of the plugin, with its habits (docs/postgresql-provider.md): inputs that the program leaves out have
 * defaults and are compared too, so that refresh finds manual changes and update takes them back.
 */
export interface PluginResource<A extends Properties> {
  /** The inputs that are served; parsing adds what holds where the program says nothing. Any other input is an error. */
  readonly attributes: z.ZodObject & z.ZodType<A>;
  /** Defaults that the plugin writes into the inputs, with their names under `__defaults`. */
  readonly written: Readonly<Partial<A>>;
  /** What the plugin's state has besides, and Ringfence never uses: null. */
  readonly unused: readonly string[];
  /** Inputs whose change means another resource, not an update. */
  readonly replaceOn: readonly (keyof A & string)[];
  id(attributes: A): string;
  /** Brings the real thing to `wanted`, also where it is missing, or there already. @param before how it was, its name too */
  settle(wanted: A, before: A | undefined): Promise<void>;
  /** Reads the real thing; undefined where it is gone. Leaves out invisible attributes. */
  read(attributes: A): Promise<Partial<A> | undefined>;
  remove(attributes: A): Promise<void>;
}

export const definePluginResource = <A extends Properties>(resource: PluginResource<A>): ServedResource => {
  const { attributes, written, unused, replaceOn } = resource;
  const keys = Object.keys(attributes.shape);
  const parse = (properties: Properties): A =>
    attributes.parse(
      Object.fromEntries(keys.flatMap((key) => (properties[key] == null ? [] : [[key, properties[key]]]))),
    );

  const stateOf = (wanted: A, found: Partial<A>): Properties => ({
    ...Object.fromEntries(unused.map((name) => [name, null])),
    ...wanted,
    ...found,
    id: resource.id(wanted),
  });
  const settle = async (wanted: A, before: A | undefined): Promise<Properties> => {
    await resource.settle(wanted, before);
    return stateOf(wanted, (await resource.read(wanted)) ?? {});
  };

  return {
    check: (given) => {
      const left = Object.keys(written).filter((key) => given[key] === undefined);
      const defaults = Object.fromEntries(left.map((key) => [key, written[key]]));
      const inputs = { ...given, ...defaults, __defaults: left.sort() };
      const result = hasUnknown(given) ? undefined : attributes.safeParse(given);
      const failures = (result?.error?.issues ?? []).map((issue) => ({
        property: issue.path.join('.'),
        reason: issue.message,
      }));
      return { inputs, failures };
    },
    diff: (before, after) => {
      const unknown = keys.filter((key) => hasUnknown(after[key]));
      const held = parse(before);
      const wanted = parse({ ...after, ...Object.fromEntries(unknown.map((key) => [key, before[key]])) });
      const changed = keys.filter(
        (key) =>
          unknown.includes(key) || (wanted[key] !== undefined && !isDeepStrictEqual(held[key], wanted[key])),
      );
      return { changed, replaces: changed.filter((key) => replaceOn.includes(key)) };
    },
    id: (inputs) => resource.id(parse(inputs)),
    create: (inputs) => settle(parse(inputs), undefined),
    update: (inputs, before) => settle(parse(inputs), parse(before)),
    read: async (state, inputs) => {
      const known = parse(state);
      const found = await resource.read(known);
      if (!found) return undefined;
      const outputs = stateOf(known, found);
      return { id: resource.id(known), outputs, inputs: inputsAsFound(inputs, outputs, written) };
    },
    remove: (state) => resource.remove(parse(state)),
  };
};

/** The program's inputs with their present values. A default with another value is no default any more. */
const inputsAsFound = (inputs: Properties, outputs: Properties, written: Properties): Properties => {
  const said = Object.keys(inputs).filter((key) => !key.startsWith('__'));
  const defaults = (inputs.__defaults as string[] | undefined) ?? [];
  return {
    ...Object.fromEntries(said.map((key) => [key, outputs[key]])),
    __defaults: defaults.filter((key) => isDeepStrictEqual(outputs[key], written[key])),
  };
};
