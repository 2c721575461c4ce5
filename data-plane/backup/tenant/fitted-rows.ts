import pg from 'pg';
import { RingfenceError } from '../../../core/errors.js';
import type { BackupTable } from './catalogue.js';
import type { BackedUpTable } from './contents.js';
import { columnList, equalColumns, quoted } from './identifiers.js';
import type { SchemaChange, TableShape } from './shape.js';

const NO_CAST = '42804';
/** A value that the type of now cannot have: data exceptions, and what a domain refuses. */
const NO_VALUE = /^(22|23514)/;

/**
 * Brings rows of a table as it was into its columns of now: by name, converted as Postgres converts what is assigned.
 * A new column takes what the row of the same key has, and its default where there is none.
 *
 * @param raw a table with the section's columns; `scratch` an empty one with those of now. Both as SQL.
 * @throws RingfenceError conflict, naming the column, for what Postgres does not convert, and for a new column that must
 *   have a value and has none.
 */
export const fitRows = async (
  client: pg.ClientBase,
  { table, shape }: BackedUpTable,
  raw: string,
  scratch: string,
): Promise<void> => {
  const added = columnsOf(shape, 'new');
  assertFits(table, shape, added);
  const kept = table.columns.filter((column) => !added.includes(column));
  for (const { column, was, is } of shape.changes.filter(({ change }) => change === 'converted')) {
    const name = quoted(column ?? '');
    await converting(
      client.query(`INSERT INTO ${scratch} (${name}) SELECT ${name} FROM ${raw} WHERE false`),
      `${table.name}.${column} was ${was} and is ${is}`,
    );
  }
  const values = [
    ...kept.map((column) => quoted(column)),
    ...added.map((column) => table.defaults.get(column) ?? 'NULL'),
  ];
  const converted = columnsOf(shape, 'converted').join(', ');
  await converting(
    client.query(
      `INSERT INTO ${scratch} (${columnList([...kept, ...added])}) SELECT ${values.join(', ')} FROM ${raw}`,
    ),
    `${table.name} has other types now (${converted}), which some values do not fit`,
  );
  if (added.length === 0) return;
  const columns = table.primaryKey;
  await client.query(
    `UPDATE ${scratch} s SET ${added.map((column) => `${quoted(column)} = ${quoted(column, 'l')}`).join(', ')}
       FROM ${table.quoted} l WHERE ${equalColumns({ alias: 'l', columns }, { alias: 's', columns })}`,
  );
  for (const column of added.filter((name) => table.required.includes(name))) {
    const empty = await client.query(`SELECT FROM ${scratch} WHERE ${quoted(column)} IS NULL LIMIT 1`);
    if (empty.rowCount !== 0)
      throw new RingfenceError(
        'conflict',
        `${table.name}.${column} is new, must have a value, and has no default`,
        {
          fix: 'give the column a default for the time of the restore',
        },
      );
  }
};

const assertFits = (
  { name, primaryKey }: BackupTable,
  { unread }: TableShape,
  added: readonly string[],
): void => {
  const [typeless] = unread;
  if (typeless !== undefined)
    throw new RingfenceError(
      'conflict',
      `the cell has not the type any more that ${name}.${typeless} had in the backup`,
      {
        fix: 'create the type again, or restore other tables with --table',
      },
    );
  const key = added.find((column) => primaryKey.includes(column));
  if (key !== undefined)
    throw new RingfenceError(
      'conflict',
      `${name}.${key} is part of the key now, and the backup has no such column`,
      {
        fix: 'restore other tables with --table',
      },
    );
};

const columnsOf = ({ changes }: TableShape, wanted: SchemaChange['change']): string[] =>
  changes.flatMap(({ change, column }) => (change === wanted && column !== null ? [column] : []));

const converting = async (work: Promise<unknown>, what: string): Promise<void> => {
  try {
    await work;
  } catch (error) {
    const code = error instanceof pg.DatabaseError ? (error.code ?? '') : '';
    if (code !== NO_CAST && !NO_VALUE.test(code)) throw error;
    throw new RingfenceError('conflict', `Postgres does not convert the backup: ${what}`, {
      fix: 'give the column its type of then for the time of the restore and change it again, or restore other tables with --table',
      cause: error,
    });
  }
};
