import type pg from 'pg';
import { columnList, equalColumns, quoted, uuidArray } from './identifiers.js';
import type { PlannedTable } from './restore-plan.js';

/** Rows that a restore wrote in a table. */
export interface WrittenRows {
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

/**
 * Writes the difference between the scratch tables and the real ones, and nothing else, in one statement: its parts
 * see the same state, and foreign keys are checked at its end, so that it does not matter which row goes or comes
 * first. Within a table rows are deleted before others are changed or inserted, so that unique values are free again.
 *
 * @returns what was written, in the order of `tables`.
 */
export const applyRestore = async (
  client: pg.ClientBase,
  tables: readonly PlannedTable[],
  clinicIds: readonly string[],
): Promise<WrittenRows[]> => {
  if (tables.length === 0) return [];
  const clinics = uuidArray(clinicIds);
  const parts = tables.map((table, at) => writesOf(table, at, clinics));
  const { rows } = await client.query<{ at: number } & Record<keyof WrittenRows, string>>(
    `WITH ${parts.flatMap(({ writes }) => writes).join(',\n')}
     ${parts.map(({ counts }) => counts).join(' UNION ALL ')} ORDER BY at`,
  );
  return rows.map(({ inserted, updated, deleted }) => ({
    inserted: Number(inserted),
    updated: Number(updated),
    deleted: Number(deleted),
  }));
};

/** The named statements of one table, and the SELECT that counts what they wrote. */
interface TableWrites {
  readonly writes: readonly string[];
  readonly counts: string;
}

const writesOf = (planned: PlannedTable, at: number, clinics: string): TableWrites => {
  if (planned.mode !== 'replace') return insertMissing(planned, at);
  const { hasOtherKeys, fixed, deletesReachFurther } = planned.table;
  return (hasOtherKeys || fixed.length > 0) && !deletesReachFurther
    ? replaceRows(planned, at, clinics)
    : updateRows(planned, at, clinics);
};

const sameKey = ({ table: { primaryKey: columns } }: PlannedTable): string =>
  equalColumns({ alias: 'l', columns }, { alias: 's', columns });

/** Byte by byte, as a digest sees it: works for every type, and 1.5 is not 1.50. */
const sameRow = ({ table: { columns } }: PlannedTable): string =>
  `ROW(${columnList(columns, 'l')})::record OPERATOR(pg_catalog.*=) ROW(${columnList(columns, 's')})::record`;

const insert = ({ table, scratch }: PlannedTable, at: number, where: string): string =>
  `i${at} AS (INSERT INTO ${table.quoted} (${columnList(table.columns)}) OVERRIDING SYSTEM VALUE
     SELECT ${columnList(table.columns, 's')} FROM ${scratch} s WHERE ${where} RETURNING 1)`;

const counts = (at: number, inserted: string, updated: string, deleted: string): string =>
  `SELECT ${at} AS at, (${inserted})::text AS inserted, (${updated})::text AS updated, (${deleted})::text AS deleted`;

/** A part that reads another one's rows runs after it. */
const after = (name: string): string => `(SELECT count(*) FROM ${name}) >= 0`;

const insertMissing = (planned: PlannedTable, at: number): TableWrites => ({
  writes: [
    insert(planned, at, `NOT EXISTS (SELECT FROM ${planned.table.quoted} l WHERE ${sameKey(planned)})`),
  ],
  counts: counts(at, `SELECT count(*) FROM i${at}`, 'SELECT 0', 'SELECT 0'),
});

/** Changed rows are updated in place: something else hangs on their being there. */
const updateRows = (planned: PlannedTable, at: number, clinics: string): TableWrites => {
  const { table, scratch } = planned;
  const columns = table.columns.filter(
    (column) => !table.primaryKey.includes(column) && !table.fixed.includes(column),
  );
  const assignments = columns.map((column) => `${quoted(column)} = ${quoted(column, 's')}`).join(', ');
  const changes =
    columns.length === 0
      ? `u${at} AS (SELECT WHERE false)`
      : `u${at} AS (UPDATE ${table.quoted} l SET ${assignments} FROM ${scratch} s
           WHERE ${after(`d${at}`)} AND ${sameKey(planned)} AND l.clinic_id = ANY (${clinics})
             AND NOT (${sameRow(planned)}) RETURNING 1)`;
  return {
    writes: [
      `d${at} AS (DELETE FROM ${table.quoted} l WHERE l.clinic_id = ANY (${clinics})
         AND NOT EXISTS (SELECT FROM ${scratch} s WHERE ${sameKey(planned)}) RETURNING 1)`,
      changes,
      insert(
        planned,
        at,
        `${after(`u${at}`)} AND NOT EXISTS (SELECT FROM ${table.quoted} l WHERE ${sameKey(planned)})`,
      ),
    ],
    counts: counts(
      at,
      `SELECT count(*) FROM i${at}`,
      `SELECT count(*) FROM u${at}`,
      `SELECT count(*) FROM d${at}`,
    ),
  };
};

/**
 * Changed rows are deleted and inserted again: rows that swapped the values of a unique key could not be updated one
 * after the other, and some columns cannot be updated at all.
 */
const replaceRows = (planned: PlannedTable, at: number, clinics: string): TableWrites => {
  const { table, scratch } = planned;
  const same = `${sameKey(planned)} AND ${sameRow(planned)}`;
  const again = `SELECT count(*) FROM d${at} WHERE again`;
  return {
    writes: [
      `d${at} AS (DELETE FROM ${table.quoted} l WHERE l.clinic_id = ANY (${clinics})
         AND NOT EXISTS (SELECT FROM ${scratch} s WHERE ${same})
         RETURNING EXISTS (SELECT FROM ${scratch} s WHERE ${sameKey(planned)}) AS again)`,
      insert(planned, at, `${after(`d${at}`)} AND NOT EXISTS (SELECT FROM ${table.quoted} l WHERE ${same})`),
    ],
    counts: counts(
      at,
      `SELECT (SELECT count(*) FROM i${at}) - (${again})`,
      again,
      `SELECT count(*) FROM d${at} WHERE NOT again`,
    ),
  };
};
