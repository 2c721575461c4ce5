/** A value of JSON, numbers whole. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** RFC 8785 for values without fractions: one text for one value, whatever the order of its members. */
export const canonicalJson = (value: Json): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value as { readonly [name: string]: Json })
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
};
