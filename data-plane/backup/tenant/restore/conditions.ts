import pg from 'pg';
import { RingfenceError } from '../../../../core/errors.js';
import type { BackupTable, Catalogue } from '../catalogue.js';
import { quoted } from '../identifiers.js';

/** Rows whose column has this value; the value is text as the column's type reads it, and only ever a parameter. */
export interface Condition {
  readonly column: string;
  readonly value: string;
}

/** A condition at a table: its row matches when one of the columns has the value. */
interface ColumnsWithValue {
  readonly columns: readonly string[];
  readonly value: string;
}

const COLUMN = /(?<bare>[\p{L}_][\p{L}\p{M}\p{N}_$]*)|"(?<quoted>(?:[^"]|"")+)"/u;
const CONDITION = new RegExp(`^(?:${COLUMN.source})=(?<value>[^=\\p{Cc}][^\\p{Cc}]*)$`, 'u');

/**
 * Reads `column=value`, the column in double quotes where it is not of letters, digits and `_`. Upper case stays upper case.
 * Nothing else is a condition: no other comparison, no quotes around the value, no expression.
 *
 * @throws RingfenceError usage
 */
export const parseCondition = (text: string): Condition => {
  const { bare, quoted: inQuotes, value } = CONDITION.exec(text)?.groups ?? {};
  const column = bare ?? inQuotes?.replaceAll('""', '"');
  if (column !== undefined && value !== undefined && !/^(['"]).*\1$/u.test(value)) return { column, value };
  throw new RingfenceError('usage', 'a condition is a column, an equals sign and the value as it is', {
    fix: `write it as in --where patient_id=6f1c0c5e-0f6b-4b5a-9c3e-2d1f7a8b9c0d or --where '"of order"=7'; no other comparison, no quotes around the value`,
  });
};

/**
 * The columns of a table that the conditions are about: the one of that name, or else the key that other tables refer to
 * by that name, as patients.id is where appointments.patient_id refers.
 *
 * @returns undefined unless the table has columns for all of them.
 */
export const matchingColumns = (
  { foreignKeys }: Catalogue,
  { name, columns }: BackupTable,
  conditions: readonly Condition[],
): readonly ColumnsWithValue[] | undefined => {
  const matches = conditions.map(({ column, value }) => {
    if (columns.includes(column)) return { columns: [column], value };
    const keys = foreignKeys
      .filter(({ parent }) => parent === name)
      .flatMap(({ childColumns, parentColumns }) => parentColumns[childColumns.indexOf(column)] ?? []);
    return { columns: [...new Set(keys)], value };
  });
  return matches.every((match) => match.columns.length > 0) ? matches : undefined;
};

/** The conditions as SQL about `alias`, with the parameters from `$1` on. */
export const conditionSql = (
  matches: readonly ColumnsWithValue[],
  alias: string,
): { readonly text: string; readonly values: string[] } => ({
  text: matches
    .map(
      ({ columns }, at) =>
        `(${columns.map((column) => `${quoted(column, alias)} = $${at + 1}`).join(' OR ')})`,
    )
    .join(' AND '),
  values: matches.map(({ value }) => value),
});

/**
 * Class 22: the value is not one of the column's type; 42883: its type has no equality.
 *
 * @returns the error to throw, without the value: it may be about a person.
 */
export const translateBadValue = (
  error: unknown,
  { name, types }: BackupTable,
  conditions: readonly Condition[],
) => {
  if (!(error instanceof pg.DatabaseError) || !/^(22...|42883)$/.test(error.code ?? '')) return error;
  const columns = conditions.map(({ column }) => `${column} (${types.get(column) ?? 'a key'})`).join(', ');
  return new RingfenceError('usage', `a value is not one that ${name} can have in ${columns}`, {
    fix: 'give a value of the column’s type, or choose other tables with --table',
    cause: error,
  });
};
