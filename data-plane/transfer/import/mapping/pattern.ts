const TOKENS: Readonly<Record<string, string>> = {
  yyyy: '(?<year>\\d{4})',
  MM: '(?<month>\\d{1,2})',
  dd: '(?<day>\\d{1,2})',
  HH: '(?<hour>\\d{1,2})',
  mm: '(?<minute>\\d{2})',
  ss: '(?<second>\\d{2})',
};
const TOKEN = /yyyy|MM|dd|HH|mm|ss/g;

/** Whether a text is made of each token at most once, a whole date among them, and of punctuation. */
export const isPattern = (pattern: string): boolean => {
  const tokens: readonly string[] = pattern.match(TOKEN) ?? [];
  return (
    new Set(tokens).size === tokens.length &&
    ['yyyy', 'MM', 'dd'].every((token) => tokens.includes(token)) &&
    !/[\p{L}\p{N}]/u.test(pattern.replace(TOKEN, ''))
  );
};

/**
 * A date, or a date and time, that is written by a pattern, as ISO 8601 without a zone. Undefined for what does not
 * follow it or is no day or time.
 */
export const readPattern = (pattern: string, text: string): { date: string; time: string } | undefined => {
  const source = pattern
    .split(/(yyyy|MM|dd|HH|mm|ss)/)
    .map((part) => TOKENS[part] ?? part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
    .join('');
  const groups = new RegExp(`^${source}$`, 'v').exec(text)?.groups;
  if (groups === undefined) return undefined;
  const { year = '', month = '', day = '', hour = '0', minute = '00', second = '00' } = groups;
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const time = `${hour.padStart(2, '0')}:${minute}:${second}`;
  const moment = new Date(`${date}T${time}Z`);
  const isReal = !Number.isNaN(moment.getTime()) && moment.toISOString() === `${date}T${time}.000Z`;
  return isReal ? { date, time } : undefined;
};
