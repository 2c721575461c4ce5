import pg from 'pg';

/** A column name as SQL, with the alias of its table in front when there is one. */
export const quoted = (column: string, alias?: string): string =>
  `${alias === undefined ? '' : `${alias}.`}${pg.escapeIdentifier(column)}`;

/**
 * A column beside those of a table, which may have any name: `name`, longer by apostrophes where it is taken.
 *
 * @returns SQL
 */
export const extraColumn = (taken: readonly string[], name: string, alias?: string): string => {
  let free = name;
  while (taken.includes(free)) free += "'";
  return quoted(free, alias);
};

/** `"a", "b"` or `alias."a", alias."b"`. */
export const columnList = (columns: readonly string[], alias?: string): string =>
  columns.map((column) => quoted(column, alias)).join(', ');

/** `left."a" = right."b" AND ...`: where these columns of two tables are equal, pair by pair. */
export const equalColumns = (
  left: { readonly alias: string; readonly columns: readonly string[] },
  right: { readonly alias: string; readonly columns: readonly string[] },
): string =>
  left.columns
    .map(
      (column, at) => `${quoted(column, left.alias)} = ${quoted(right.columns[at] ?? column, right.alias)}`,
    )
    .join(' AND ');

/** An array of uuids as a literal: COPY takes no parameters. */
export const uuidArray = (ids: readonly string[]): string =>
  `${pg.escapeLiteral(`{${ids.join(',')}}`)}::uuid[]`;
