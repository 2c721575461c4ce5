const WHOLE = '(?:0|-?[1-9][0-9]*)';
const DECIMAL = '(?!-[0.]*$)-?(?:0|[1-9][0-9]*)';

/**
 * How Postgres writes the values of a type that keys have, so that a text can be told that it would store in another
 * way: an envelope is bound to the id as it is stored (docs/formats.md, field envelope).
 *
 * @param type as format_type names it.
 * @returns undefined where any text may be a value, or where it is not known.
 */
export const storedForm = (type: string): RegExp | undefined => {
  if (type === 'uuid') return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
  if (/^(?:smallint|integer|bigint)$/.test(type)) return new RegExp(`^${WHOLE}$`);
  if (type === 'numeric') return new RegExp(`^${DECIMAL}(?:\\.[0-9]+)?$`);
  const scale = /^numeric\([0-9]+,([0-9]+)\)$/.exec(type)?.[1];
  if (scale === '0') return new RegExp(`^${WHOLE}$`);
  if (scale !== undefined) return new RegExp(`^${DECIMAL}\\.[0-9]{${scale}}$`);
  // Padded to its length, and `::text` takes the padding away.
  const characters = /^character\(([0-9]+)\)$/.exec(type)?.[1];
  return characters === undefined ? undefined : new RegExp(`^.{${Number(characters) - 1}}[^ ]$`, 'su');
};
