import { z } from 'zod';
import { section, slug } from '../../../../manifest/primitives.js';
import { readTableName } from '../../../database/table-name.js';
import { ENCODINGS } from '../csv/encodings.js';
import { isPlainPath } from '../source/source.js';
import { isPattern } from './pattern.js';

const text = z.string().max(10_000);
/** Letters with accents are written in two ways; what a mapping names is compared in one. */
const composed = (text: string): string => text.normalize('NFC');
const header = z.string().min(1).max(1_000).transform(composed);
const table = z
  .string()
  .refine((text) => readTableName(text) !== undefined, 'is not a table; allowed: <schema>.<table>')
  .transform((text) => readTableName(text) ?? text);
const pattern = z
  .string()
  .refine(
    isPattern,
    'is not a pattern; allowed: yyyy MM dd HH mm ss, each at most once, and punctuation; two digits of a year do not tell the century',
  );
const zone = z.string().refine(isTimeZone, 'is not a time zone; allowed: names such as Europe/Madrid');
const separator = z.enum([',', ';', '\t', '|']);
const encoding = z.enum(ENCODINGS);
const map = entriesOf(z.string().nullable());

/** Any keys, `__proto__` too, which a record leaves out. */
function entriesOf<Value extends z.ZodType>(value: Value) {
  return z.preprocess(
    (given) =>
      given !== null && typeof given === 'object' && !Array.isArray(given)
        ? new Map(Object.entries(given).map(([key, member]) => [composed(key), member]))
        : given,
    z.map(z.string(), value),
  );
}

function isTimeZone(name: string): boolean {
  try {
    return (
      /^[A-Za-z][A-Za-z0-9_+/-]*$/.test(name) && Boolean(new Intl.DateTimeFormat('en', { timeZone: name }))
    );
  } catch {
    return false;
  }
}

const asObject =
  (key: string) =>
  (value: unknown): unknown =>
    typeof value === 'string' ? { [key]: value } : value;
const asList = (value: unknown): unknown => (typeof value === 'string' ? [value] : value);
const asText = (value: unknown): unknown =>
  typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;

/** Where a column's values come from: one of `column`, `value` and `id`; the rest says how they are read. */
const column = section({
  column: header.optional(),
  value: z.preprocess(asText, text).optional(),
  id: z.preprocess(asList, z.array(header).min(1).max(8)).optional(),
  of: table.optional(),
  map: map.optional(),
  default: z.preprocess(asText, text).optional(),
  date: pattern.optional(),
  time: pattern.optional(),
  timeZone: zone.optional(),
  decimal: z.enum(['.', ',']).optional(),
  thousands: z.enum(['.', ',', ' ', "'"]).optional(),
  round: z.boolean().optional(),
  length: z.number().int().min(1).max(1_000).optional(),
  list: z.string().length(1, 'is not one character').optional(),
}).superRefine((spec, context) => {
  const sources = [spec.column, spec.value, spec.id].filter((source) => source !== undefined);
  if (sources.length !== 1)
    context.addIssue({ code: 'custom', message: 'has not one source; allowed: one of column, value, id' });
  if (spec.of !== undefined && spec.id === undefined)
    context.addIssue({ code: 'custom', path: ['of'], message: 'is without id; allowed: together with id' });
  if (spec.decimal !== undefined && spec.decimal === spec.thousands)
    context.addIssue({
      code: 'custom',
      path: ['thousands'],
      message: 'is decimal too; allowed: another sign',
    });
  if (spec.length !== undefined && (spec.id?.length ?? 1) > 1)
    context.addIssue({ code: 'custom', path: ['length'], message: 'is for one header; id has several' });
  if (spec.date !== undefined && spec.time !== undefined)
    context.addIssue({
      code: 'custom',
      path: ['date'],
      message: 'is beside time; allowed: one of date, time',
    });
});

const clinic = section({ slug: slug.optional(), column: header.optional(), map: map.optional() }).refine(
  (spec) => (spec.slug === undefined) !== (spec.column === undefined),
  'has not one source; allowed: a slug, or column',
);

const file = section({
  file: z.string().refine(isPlainPath, 'is not a path below the folder; allowed: patients.csv'),
  encoding: encoding.optional(),
  table,
  clinic: z.preprocess(asObject('slug'), clinic),
  separator: separator.optional(),
  columns: entriesOf(z.preprocess(asObject('column'), column)).refine(
    (columns) => columns.size > 0,
    'is empty; allowed: at least one column',
  ),
});

/** A mapping file (docs/formats.md, "Mapping of CSV files"). */
export const mappingSchema = section({
  version: z.literal(1),
  separator: separator.default(','),
  encoding: encoding.optional(),
  timeZone: zone.optional(),
  files: z.array(file).min(1).max(500),
});

export type Mapping = z.infer<typeof mappingSchema>;
export type MappedFile = Mapping['files'][number];
export type ColumnSpec = z.infer<typeof column>;
