import pg from 'pg';
import { asText, type PlainRow } from './plain-row.js';
import { columnOf, columnsOf, type SealedColumns } from './sealed-columns.js';
import type { RowFields } from './sealed-fields.js';

/** Finds the rows of a table with these values. */
export interface RowSearch {
  /** SQL of the condition, with `values` as its parameters. */
  readonly condition: string;
  readonly values: readonly unknown[];
  /** Says whether a row that the condition found has them; `plain` is the opened row. */
  isFound(row: PlainRow, plain: PlainRow): boolean;
}

/** A sealed column that is searched for a text, and the indexes that only rows with this text have. */
interface Searched {
  readonly name: string;
  readonly text: string;
  readonly column: string;
  readonly exact: readonly Buffer[];
}

export const rowSearch = async (
  declared: SealedColumns,
  fields: RowFields,
  table: string,
  where: PlainRow,
): Promise<RowSearch> => {
  const sealedColumns = columnsOf(declared, table);
  const searched: Searched[] = [];
  const conditions: string[] = [];
  const values: unknown[] = [];
  for (const [name, value] of Object.entries(where)) {
    if (!Object.hasOwn(sealedColumns, name)) {
      values.push(value);
      conditions.push(`${pg.escapeIdentifier(name)} = $${values.length}`);
      continue;
    }
    const text = asText(table, name, value);
    const column = columnOf(declared, table, name).index?.column ?? name;
    const exact = await fields.search(table, name, text);
    // A user who may not read the column cannot compare the results of version 1 of the rule.
    const mayCompare = await fields.mayRead(table, name);
    const earlier = mayCompare ? await fields.searchEarlier(table, name, text) : [];
    values.push([...exact, ...earlier]);
    conditions.push(`${pg.escapeIdentifier(column)} = ANY ($${values.length})`);
    searched.push({ name, text, column, exact });
  }
  return {
    condition: conditions.join(' AND ') || 'true',
    values,
    isFound: (row, plain) =>
      searched.every(({ name, text, column, exact }) => {
        const stored = row[column];
        return (
          (Buffer.isBuffer(stored) && exact.some((index) => index.equals(stored))) ||
          (name in plain && fields.isSameText(table, name, text, asText(table, name, plain[name])))
        );
      }),
  };
};
