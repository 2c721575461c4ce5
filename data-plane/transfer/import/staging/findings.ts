import type pg from 'pg';

/** A problem that the database found: the file by its number, the column by its stored name. */
export interface Finding {
  readonly file: number;
  readonly line: number;
  readonly column: string | null;
  readonly message: string;
}

interface FindingRow {
  readonly file: number;
  readonly line: string;
  readonly column: string | null;
  /** Where the row's twin is, in a search for doubles. */
  readonly otherFile?: number;
  readonly otherLine?: string;
}

/** Findings of one question that are told; a file with more has one fault, many times. */
const TOLD = 20_000;

/** Runs a query that gives `file`, `line` and `"column"` of rows that are wrong. */
export const findings = async (
  client: pg.ClientBase,
  query: string,
  messageOf: (row: FindingRow) => string,
): Promise<Finding[]> => {
  const { rows } = await client.query<FindingRow>(
    `SELECT * FROM (${query}) found ORDER BY file, line LIMIT ${TOLD}`,
  );
  return rows.map((row) => ({
    file: row.file,
    line: Number(row.line),
    column: row.column,
    message: messageOf(row),
  }));
};
