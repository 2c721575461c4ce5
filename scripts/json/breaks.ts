import type { JsonSchema, JsonSchemas } from './schemas.js';

/**
 * What whoever reads the JSON of one state of the toolkit would miss in that of a later one: a command or a key that is gone, a
 * type that is another, a key or a null that was never missing before. Whatever is added breaks nobody.
 * @returns a line for each, such as `tenants list: [].slug is gone`; none where the version was raised.
 */
export const breaksOf = (before: JsonSchemas, after: JsonSchemas): string[] => {
  if (after.version > before.version) return [];
  const commands = before.commands.flatMap(({ name, result, lines }) => {
    const now = after.commands.find((command) => command.name === name);
    if (!now) return [`${name}: it prints nothing any more`];
    return [...told(name, result, now.result), ...told(`${name}, a line`, lines, now.lines)];
  });
  const { error, version } = before.common;
  return [
    ...commands,
    ...told('an error', error, after.common.error),
    ...told('--version', version, after.common.version),
  ];
};

const told = (name: string, before: JsonSchema | undefined, after: JsonSchema | undefined): string[] => {
  if (!before) return [];
  if (!after) return [`${name}: it is printed no more`];
  return breaksAt('', before, after).map((what) => `${name}: ${what}`);
};

/** @param at the place within the result, such as `.tenants[].slug`. */
export const breaksAt = (at: string, before: JsonSchema, after: JsonSchema): string[] => {
  const here = at || 'all of it';
  const added = [...typesOf(after)].filter((type) => !typesOf(before).has(type));
  if (added.length > 0) return [`${here} may be ${added.join(', ')}`];
  // A null that never comes any more breaks nobody.
  const values = variantsOf(before).filter(({ type }) => type !== 'null');
  return values.flatMap((was) => {
    const found = variantsOf(after).map((is) => breaksOfVariant(at, was, is));
    return found.reduce((best, next) => (next.length < best.length ? next : best));
  });
};

/** Each with one type, or none. */
const variantsOf = (schema: JsonSchema): readonly JsonSchema[] => {
  const choice = schema.anyOf ?? schema.oneOf;
  if (choice) return choice.flatMap((one) => variantsOf(one));
  if (!Array.isArray(schema.type)) return [schema];
  return schema.type.map((type) => ({ ...schema, type }));
};

/** `any` for one of no type, `string of a choice` for one of few strings. */
const typesOf = (schema: JsonSchema): ReadonlySet<string> =>
  new Set(
    variantsOf(schema).map(({ type, format, enum: choice, const: only }) => {
      if (type === undefined) return 'any';
      if (format) return `${type} (${format})`;
      return type === 'string' && (choice ?? only) !== undefined ? 'string of a choice' : String(type);
    }),
  );

const breaksOfVariant = (at: string, before: JsonSchema, after: JsonSchema): string[] => {
  if (before.type !== after.type) return [`${at || 'all of it'} is ${after.type}, and was ${before.type}`];
  const keys = Object.entries(before.properties ?? {}).flatMap(([key, was]) => {
    const is = after.properties?.[key];
    if (!isSchema(is)) return [`${at}.${key} is gone`];
    const isOptional = before.required?.includes(key) && !after.required?.includes(key);
    return [
      ...(isOptional ? [`${at}.${key} may be missing`] : []),
      ...(isSchema(was) ? breaksAt(`${at}.${key}`, was, is) : []),
    ];
  });
  return [
    ...keys,
    ...within(`${at}[]`, before.items, after.items),
    ...within(`${at}.*`, before.additionalProperties, after.additionalProperties),
  ];
};

const within = (at: string, before: unknown, after: unknown): string[] =>
  isSchema(before) && isSchema(after) ? breaksAt(at, before, after) : [];

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
