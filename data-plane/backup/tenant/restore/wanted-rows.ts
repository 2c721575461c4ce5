import pg from 'pg';
import type { Catalogue, ForeignKey } from '../catalogue.js';
import type { BackedUpTable } from '../contents.js';
import { columnList, equalColumns } from '../identifiers.js';
import type { ScratchTable } from '../scratch.js';
import type { RowFilter } from '../section-rows.js';
import { type Condition, matchingColumns } from './conditions.js';
import { isComparable, rowsWithKeys } from './key-set.js';

/** A loaded table, and the temporary table of the keys of its rows that are in the scope. */
export interface KeyedTable extends ScratchTable {
  readonly keys: string;
}

/**
 * A filter that leaves out of a table's rows in the backup only such as cannot be in the scope: those that conditions
 * do not hold for, that do not refer to a row in the scope, and whose keys are not in it yet.
 *
 * @param keys the keys of its rows that are in the scope as they are now.
 * @param parents foreign keys to tables whose rows in the scope are all known.
 * @returns undefined where it cannot tell by the bytes of a row.
 */
export const rowsInScope = async (
  client: pg.ClientBase,
  { table, section }: BackedUpTable,
  keys: string,
  parents: readonly { readonly key: ForeignKey; readonly parent: KeyedTable }[],
  { catalogue, where }: { readonly catalogue: Catalogue; readonly where: readonly Condition[] },
): Promise<RowFilter | undefined> => {
  const having = (columns: readonly string[], query: string): Promise<RowFilter | undefined> =>
    columns.every((column) => isComparable(table.types.get(column)))
      ? rowsWithKeys(client, query, fieldsOf(section.columns, columns))
      : Promise.resolve(undefined);

  const filters = [await having(table.primaryKey, `SELECT ${columnList(table.primaryKey)} FROM ${keys}`)];
  for (const { key, parent } of parents)
    filters.push(
      sameTypes(key, table, parent.table) ? await having(key.childColumns, keysOf(key, parent)) : undefined,
    );
  const matches = matchingColumns(catalogue, table, where);
  if (matches !== undefined) {
    const holding = [];
    for (const { columns, value } of matches) {
      const either = [];
      for (const column of columns)
        either.push(await having([column], `SELECT ${pg.escapeLiteral(value)}::${table.types.get(column)}`));
      holding.push(anyOf(either));
    }
    filters.push(allOf(holding));
  }
  return anyOf(filters);
};

/**
 * A filter of the rows that rows of other tables in the backup refer to.
 *
 * @returns undefined where it cannot tell by the bytes of a row.
 */
export const rowsReferredTo = async (
  client: pg.ClientBase,
  { table, section }: BackedUpTable,
  children: readonly { readonly key: ForeignKey; readonly child: ScratchTable }[],
): Promise<RowFilter | undefined> => {
  const filters = [];
  for (const { key, child } of children) {
    const comparable = key.parentColumns.every((column) => isComparable(table.types.get(column)));
    const query = `SELECT DISTINCT ${columnList(key.childColumns)} FROM ${child.scratch}`;
    filters.push(
      comparable && sameTypes(key, child.table, table)
        ? await rowsWithKeys(client, query, fieldsOf(section.columns, key.parentColumns))
        : undefined,
    );
  }
  return anyOf(filters);
};

const keysOf = ({ parentColumns }: ForeignKey, { table, scratch, keys }: KeyedTable): string => {
  const { primaryKey: columns } = table;
  const same = equalColumns({ alias: 'k', columns }, { alias: 'p', columns });
  return `SELECT DISTINCT ${columnList(parentColumns, 'p')} FROM ${keys} k JOIN ${scratch} p ON ${same}`;
};

type Typed = { readonly types: ReadonlyMap<string, string> };

const sameTypes = ({ childColumns, parentColumns }: ForeignKey, child: Typed, parent: Typed): boolean =>
  childColumns.every((column, at) => child.types.get(column) === parent.types.get(parentColumns[at] ?? ''));

const fieldsOf = (section: readonly string[], columns: readonly string[]): number[] =>
  columns.map((column) => section.indexOf(column));

/** One that cannot tell makes the whole unable to. */
const anyOf = (filters: readonly (RowFilter | undefined)[]): RowFilter | undefined => {
  const known = filters.filter((filter) => filter !== undefined);
  return known.length === filters.length ? (row) => known.some((holds) => holds(row)) : undefined;
};

/** One that cannot tell leaves it to the others. */
const allOf = (filters: readonly (RowFilter | undefined)[]): RowFilter | undefined => {
  const known = filters.filter((filter) => filter !== undefined);
  return known.length > 0 ? (row) => known.every((holds) => holds(row)) : undefined;
};
