/** A value of a row. A Date is an instant, a Buffer is bytea. */
export type CellValue = string | number | boolean | Date | Buffer | null;

const SPECIAL = /[\\\b\f\n\r\t\v]/;
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

/** A value in the text format of COPY (PostgreSQL manual, COPY, "Text Format"). */
const copyValue = (value: CellValue): string => {
  if (value === null) return '\\N';
  if (typeof value === 'string') {
    return SPECIAL.test(value)
      ? value.replace(/[\\\b\f\n\r\t\v]/g, (character) => ESCAPES[character] ?? character)
      : value;
  }
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 't' : 'f';
  // The backslash of bytea's \x is itself escaped.
  return value instanceof Date ? value.toISOString() : `\\\\x${value.toString('hex')}`;
};

/** A row as one line of COPY text, with its newline. */
export const copyLine = (values: readonly CellValue[]): string => `${values.map(copyValue).join('\t')}\n`;
