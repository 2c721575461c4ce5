import { readPattern } from './pattern.js';
import type { ReadResult } from './read-result.js';
import type { ColumnSpec } from './schema.js';

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(?::\d{2}(?:\.(\d{1,6}))?)?(Z|[+-]\d{2}(?::?\d{2})?)?$/;
const SCALE = /^timestamp\((\d)\)/;
/** Days since 1899-12-30, as spreadsheets keep dates, with the time as decimals. */
const SERIAL = /^\d{1,5}(?:[.,]\d+)?$/;
const SHORT_YEAR = /^(?:\d{1,2}\D\d{1,2}\D\d{2}|\d{2}\D\d{1,2}\D\d{1,2})(?:\D.*)?$/;
const LOST_CENTURY = /^0/;

/** A day, by the pattern of its column or as yyyy-MM-dd. */
export const readDate = (text: string, { date, time }: ColumnSpec): ReadResult => {
  const pattern = date ?? time ?? 'yyyy-MM-dd';
  const read = readPattern(pattern, text);
  if (read === undefined || (pattern === 'yyyy-MM-dd' && !DATE.test(text)))
    return { fault: `is not a date as ${pattern}${hint(text, pattern)}` };
  return LOST_CENTURY.test(read.date) ? { fault: NO_CENTURY } : { text: read.date };
};

/** A moment, by the pattern of its column or as ISO 8601. @param zone of times that name none. */
export const readTime = (
  text: string,
  { date, time }: ColumnSpec,
  type: string,
  zone: string,
): ReadResult => {
  const inZone = type.endsWith('without time zone') ? '' : ` ${zone}`;
  const pattern = time ?? date;
  if (pattern !== undefined) {
    const read = readPattern(pattern, text);
    if (read === undefined) return { fault: `is not a time as ${pattern}${hint(text, pattern)}` };
    return LOST_CENTURY.test(read.date)
      ? { fault: NO_CENTURY }
      : { text: `${read.date} ${read.time}${inZone}` };
  }
  const read = TIME.exec(text);
  if (read === null)
    return {
      fault: `is not a time as yyyy-MM-dd HH:mm, with or without an offset${hint(text, 'yyyy-MM-dd HH:mm')}`,
    };
  if (LOST_CENTURY.test(text)) return { fault: NO_CENTURY };
  const [, fraction = '', offset] = read;
  const scale = SCALE.exec(type)?.[1];
  if (scale !== undefined && !/^0*$/.test(fraction.slice(Number(scale))))
    return { fault: `has more decimals than ${type} keeps (${scale}): correct it` };
  return { text: offset === undefined ? `${text.replace('T', ' ')}${inZone}` : text };
};

const NO_CENTURY = 'is in a year before 1000: did it lose its century? Export it with years of four digits';

/** What a text that does not follow its pattern probably is. */
const hint = (text: string, pattern: string): string => {
  if (SERIAL.test(text))
    return '; it is a number, as spreadsheets keep days: format its column as a date there, and export again';
  if (SHORT_YEAR.test(text))
    return '; its year has two digits, which do not tell the century: export it with four';
  const turned = pattern.replace(/MM|dd/g, (token) => (token === 'MM' ? 'dd' : 'MM'));
  if (readPattern(turned, text) !== undefined)
    return `; it is one as ${turned}: are days and months of this column the other way round?`;
  return '';
};
