import type { JsonRow } from './read-rows.js';

/** The member of a row that names columns whose `null` is JSON's. No column is called so. */
export const JSON_NULLS = '';

/** One object a line; `names` and the values of a row pair up. */
export const jsonLines = (names: readonly string[]): ((rows: readonly JsonRow[]) => string) => {
  const keys = names.map((name) => JSON.stringify(name));
  return (rows) =>
    rows
      .map((row) => {
        const members = row.map((value, at) => `${keys[at]}:${value ?? 'null'}`);
        const nulls = keys.filter((_, at) => row[at] === 'null');
        if (nulls.length > 0) members.push(`${JSON.stringify(JSON_NULLS)}:[${nulls.join(',')}]`);
        return `{${members.join(',')}}\n`;
      })
      .join('');
};
