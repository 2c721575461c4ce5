import { RingfenceError } from '../../../core/errors.js';
import { StatementRefused } from '../context/database-refusals.js';

/** As the field envelope takes it (docs/formats.md). */
const ROW_ID_MAX_BYTES = 255;

/**
 * The text of a row's id as a driver gives it and Postgres writes it: `id::text`.
 *
 * @throws RingfenceError `usage` for one whose text Postgres would write in another way: dates, fractions, objects.
 */
export const rowIdOf = (table: string, id: unknown): string => {
  const isWhole = typeof id === 'bigint' || (typeof id === 'number' && Number.isSafeInteger(id));
  const text = isWhole ? String(id) : id;
  if (typeof text === 'string' && text !== '' && Buffer.byteLength(text) <= ROW_ID_MAX_BYTES) return text;
  throw new RingfenceError('usage', `a row of ${table} is sealed under its id, and this is none`, {
    fix: `give it as text of 1 to ${ROW_ID_MAX_BYTES} bytes or as a whole number: SELECT id::text AS id`,
  });
};

/** Their text changes with the settings of a session. */
const UNSTABLE_TYPES =
  'date, time, timetz, timestamp, timestamptz, interval, real, double precision, money, bytea, xml';

/**
 * SQL for RETURNING: true where the id is stored as the text in `parameter`, which is what the driver gives back too
 * (of char(n), `::text` takes the padding away and the driver does not). Else the statement fails, so no such row stays.
 */
export const asSealed = (parameter: string): string => `CASE
  WHEN (id::text COLLATE "C") = ${parameter}::text AND (format('%s', id) COLLATE "C") = ${parameter}::text
       AND pg_typeof(id) <> ALL ('{${UNSTABLE_TYPES}}'::regtype[]) THEN true
  ELSE jsonb_path_exists(jsonb_build_object('stored', id), 'strict $.sealed') END`;

export const storedOtherwise = (table: string): RingfenceError =>
  new RingfenceError('usage', `${table} stores this id in another way, and a row is sealed under its id`, {
    fix: 'give the id as SELECT id::text shows it: a uuid in lower case with hyphens, a number without leading zeros, a char(n) in full length; and let it be of a type whose text is always the same',
  });

/** sql_json_member_not_found: what `asSealed` raises, and hardly anything else. */
const STORED_OTHERWISE = '2203A';
/** datatype_mismatch, which only the id can be the cause of, the one value that is sent with a type; generated_always. */
const TAKES_NO_UUID: ReadonlySet<string> = new Set(['42804', '428C9']);

/**
 * Says what was wrong with an id, where that is why an insert was refused; passes on anything else.
 *
 * @param isMade the id was not given.
 */
export const translateIdError = (table: string, isMade: boolean, error: unknown): unknown => {
  if (!(error instanceof StatementRefused)) return error;
  if (error.sqlState === STORED_OTHERWISE) return storedOtherwise(table);
  if (!isMade || !TAKES_NO_UUID.has(error.sqlState)) return error;
  return new RingfenceError(
    'usage',
    `${table}.id takes no UUID, so the row needs an id before it is sealed`,
    {
      fix: 'give it one, or declare the id as uuid; an id that is an identity has to be BY DEFAULT',
    },
  );
};
