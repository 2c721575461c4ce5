import type { JsonRow } from './read-rows.js';

/** Excel takes a CSV file for UTF-8 only with it. */
export const BYTE_ORDER_MARK = '\ufeff';

/** What spreadsheets take for the beginning of a formula (OWASP, CSV injection), and the guard itself. */
const NEEDS_GUARD = /^['=+\-@\t\r\n＝＋－＠]/;
const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/;

/** Lines of a CSV file as docs/formats.md, "Export" describes it. */
export const csvLines = (rows: readonly JsonRow[]): string =>
  rows.map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');

export const csvHeader = (names: readonly string[]): string =>
  csvLines([names.map((name) => JSON.stringify(name))]);

const csvCell = (json: string | null): string => {
  if (json === null) return '';
  if (!json.startsWith('"')) return quote(json);
  const text = JSON.parse(json) as string;
  if (text === '') return '""';
  return quote(NEEDS_GUARD.test(text) ? `'${text}` : text);
};

const quote = (text: string): string => (NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
