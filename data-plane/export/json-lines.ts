import type { JsonRow } from './read-rows.js';

/** One object a line; `names` and the values of a row pair up. */
export const jsonLines = (names: readonly string[]): ((rows: readonly JsonRow[]) => string) => {
  const keys = names.map((name) => JSON.stringify(name));
  return (rows) =>
    rows.map((row) => `{${row.map((value, at) => `${keys[at]}:${value}`).join(',')}}\n`).join('');
};
