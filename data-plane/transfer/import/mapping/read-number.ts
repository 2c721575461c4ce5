import type { ReadResult } from './read-result.js';
import type { ColumnSpec } from './schema.js';

const GROUPS: Readonly<Record<string, string>> = {
  '.': '\\.',
  ',': ',',
  ' ': '[ \u00a0\u202f]',
  "'": "['’]",
};
const NUMERIC = /^(?:smallint|integer|bigint|real|double precision|numeric(?:\(\d+,(-?\d+)\))?)$/;

/** What Postgres takes for a number, and no price or count is. */
const POSTGRES_ONLY = /^[+-]?(?:nan|inf(?:inity)?)$/i;

/** Whether values of a type are numbers. @param type as format_type names it. */
export const isNumeric = (type: string): boolean => NUMERIC.test(type);

/**
 * Reads a number: digits, the decimal sign (`.` without `decimal`), and between thousands what `thousands` says. Where
 * only `decimal` is said, thousands may be grouped too, as long as that cannot be a decimal sign: `1.234,56` and `1 234`,
 * not `1.234`. Nothing else that Postgres takes is a number here: no NaN, Infinity, hexadecimal digits or exponents.
 */
export const readNumber = (
  text: string,
  type: string,
  { decimal, thousands, round }: Pick<ColumnSpec, 'decimal' | 'thousands' | 'round'>,
): ReadResult<string> => {
  const point = decimal ?? (thousands === '.' ? ',' : '.');
  const other = point === '.' ? ',' : '.';
  const groupings = thousands === undefined ? (decimal === undefined ? [] : [other, ' ', "'"]) : [thousands];
  for (const group of [undefined, ...groupings]) {
    const parts = partsOf(text, point, group);
    if (parts === undefined) continue;
    const { sign, whole, fraction } = parts;
    if (thousands === undefined && group === other && fraction === '' && whole.length <= 6)
      return {
        fault: `may have decimals or thousands after its "${other}": say \`thousands: "${other}"\` or \`decimal: "${other}"\` in the mapping`,
      };
    return withScale(sign, whole, fraction, type, round);
  }
  if (!/\d/.test(text) && !POSTGRES_ONLY.test(text)) return { fault: `is not a value of the type ${type}` };
  return {
    fault: `is not a number with "${point}" before its decimals${thousands === undefined ? '' : ` and "${thousands}" between thousands`}: say \`decimal\` and \`thousands\` as the file has them in the mapping; NaN, Infinity, exponents, units and signs of currencies are not taken`,
  };
};

const partsOf = (text: string, point: string, group: string | undefined) => {
  const whole = group === undefined ? '\\d+' : `\\d{1,3}(?:${GROUPS[group]}\\d{3})+`;
  const found = new RegExp(`^([+-]?)(${whole})(?:\\${point}(\\d+))?$`).exec(text);
  if (found === null) return undefined;
  const [, sign = '', digits = '', fraction = ''] = found;
  return { sign, whole: digits.replace(/\D/g, ''), fraction };
};

const withScale = (
  sign: string,
  whole: string,
  fraction: string,
  type: string,
  round: boolean | undefined,
): ReadResult<string> => {
  const scale = scaleOf(type);
  const isExact =
    scale === undefined ||
    (scale >= 0 ? /^0*$/.test(fraction.slice(scale)) : /^0*$/.test(whole.slice(scale) + fraction));
  const isRounded = round === true && type.startsWith('numeric');
  if (!isExact && !isRounded) {
    const rule = type.startsWith('numeric') ? ', or say `round: true` in the mapping' : '';
    return { fault: `has more decimals than ${type} keeps (${scale}): correct it${rule}` };
  }
  const kept = isExact && scale !== undefined ? fraction.slice(0, Math.max(scale, 0)) : fraction;
  return { text: `${sign}${whole}${kept === '' ? '' : `.${kept}`}` };
};

/** Decimals that a type keeps; undefined where it keeps any. */
const scaleOf = (type: string): number | undefined => {
  if (/int/.test(type)) return 0;
  const scale = NUMERIC.exec(type)?.[1];
  return scale === undefined ? undefined : Number(scale);
};
