import { jsonParts } from './json-parts.js';

/**
 * A value of an export, `to_jsonb` of a column, as the text that Postgres reads the column's type from; null for NULL.
 * Undefined for what no column of the type gives.
 *
 * @param json that JSON.parse takes.
 */
export const columnText = (json: string, type: string): string | null | undefined => {
  if (json === 'null') return null;
  if (type === 'json' || type === 'jsonb') return json;
  if (json.startsWith('"')) return JSON.parse(json) as string;
  if (json.startsWith('{')) return undefined;
  if (!json.startsWith('[')) return json;
  return type.endsWith('[]') ? arrayText(json, type, 1) : undefined;
};

/** As Postgres limits it. */
const MAX_DIMENSIONS = 6;

/** As in the manual, "Array Input and Output Syntax". */
const arrayText = (json: string, type: string, depth: number): string | undefined => {
  if (depth > MAX_DIMENSIONS) return undefined;
  const elements: string[] = [];
  for (const part of jsonParts(json)) {
    const nested = part.json.startsWith('[');
    const text = nested ? arrayText(part.json, type, depth + 1) : columnText(part.json, type.slice(0, -2));
    if (text === undefined) return undefined;
    if (text === null) elements.push('NULL');
    else elements.push(nested ? text : `"${text.replace(/["\\]/g, '\\$&')}"`);
  }
  return `{${elements.join(',')}}`;
};
