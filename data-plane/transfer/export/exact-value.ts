import { quoted } from '../../backup/tenant/identifiers.js';

/**
 * What JSON would change of a type's values:
 * - `json`: the text; `to_jsonb` drops keys that are there twice.
 * - `float`: -0, which is 0 as jsonb.
 * - `array`: bounds that do not begin at 1, and such elements.
 * - `text`: whole values that are objects without being JSON (composite types, types with a cast to json, arrays of
 *   those, of json and of jsonb), or whose type's name does not tell how they are read (domains over arrays and JSON).
 */
export type ValueKind = 'plain' | 'json' | 'float' | 'array' | 'text';

/** A column as JSON text, from which its type is read back without a difference (docs/formats.md, "JSON Lines"). SQL */
export const exactJson = (column: string, kind: ValueKind): string => {
  const value = quoted(column);
  const asJson = `to_jsonb(${value})::text`;
  const asText = `to_jsonb(${value}::text)::text`;
  switch (kind) {
    case 'json':
      // Within strings such characters are escaped, so these only separate.
      return `translate(${value}::text, E'\\n\\r\\t', '   ')`;
    case 'float':
      return `CASE WHEN ${value}::text = '-0' THEN '-0' ELSE ${asJson} END`;
    case 'array':
      return `CASE WHEN ${value}::text LIKE '[%' OR '-0' = ANY (${value}::text[]) THEN ${asText} ELSE ${asJson} END`;
    case 'text':
      return asText;
    default:
      return asJson;
  }
};
