import pg from 'pg';
import { RingfenceError } from '../../core/errors.js';

type Read = (text: string) => unknown;

/** Type ids of Postgres (pg_type.dat); the second one is that of its array. */
const TYPES = {
  int8: [20, 1016],
  numeric: [1700, 1231],
  date: [1082, 1182],
  timestamp: [1114, 1115],
  timestamptz: [1184, 1185],
  interval: [1186, 1187],
} as const;
const TEXT_ARRAY = 1009;

const ISO_DATE = /^(?:\d{4,}-\d\d-\d\d(?:[ T]\S+)?(?: BC)?|-?infinity)$/;

const byDefault = (oid: number): Read => pg.types.getTypeParser(oid, 'text');
const instantByDefault = byDefault(TYPES.timestamptz[0]);
const intervalByDefault = byDefault(TYPES.interval[0]);
const textsOf = byDefault(TEXT_ARRAY);

/** Every digit of a number, a day, a time of no zone: as Postgres writes it. */
const asWritten: Read = (text) => text;

const asIso: Read = (text) => {
  if (ISO_DATE.test(text)) return text;
  throw new RingfenceError('config_invalid', 'the session writes dates in another way than ISO 8601', {
    fix: "SET datestyle = 'ISO', also for the role and the database",
  });
};

/** A Date, or the text of an instant that no Date is: infinity, a year above 275760. */
const asInstant: Read = (text) => {
  const instant = instantByDefault(String(asIso(text)));
  return instant instanceof Date && !Number.isNaN(instant.getTime()) ? instant : text;
};

const asInterval: Read = (text) => (text.endsWith('infinity') ? text : intervalByDefault(text));

const eachOf = (read: Read): Read => {
  const readAll = (entry: unknown): unknown =>
    Array.isArray(entry) ? entry.map(readAll) : typeof entry === 'string' ? read(entry) : entry;
  return (text) => readAll(textsOf(text));
};

const READERS: Readonly<Record<keyof typeof TYPES, Read>> = {
  int8: asWritten,
  numeric: asWritten,
  date: asIso,
  timestamp: asIso,
  timestamptz: asInstant,
  interval: asInterval,
};

const READ = new Map<number, Read>(
  (Object.keys(TYPES) as (keyof typeof TYPES)[]).flatMap((name) => {
    const [oid, arrayOid] = TYPES[name];
    return [
      [oid, READERS[name]],
      [arrayOid, eachOf(READERS[name])],
    ];
  }),
);

/**
 * How values leave Postgres, whatever the time zone of the process and whatever parsers it sets in `pg` later
 * (docs/access.md, values): nothing is rounded, moved to another day, or lost as null or NaN. All other types are read as `pg` does.
 */
export const VALUE_TYPES = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    (format === 'binary' ? undefined : READ.get(oid)) ?? pg.types.getTypeParser(oid, format),
} as pg.CustomTypesConfig;
