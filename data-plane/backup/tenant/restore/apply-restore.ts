import type pg from 'pg';
import { columnList, quoted } from '../identifiers.js';
import { sameKey, sameRow } from './same-rows.js';
import type { PlannedTable } from './scope.js';
import { isNewer, taken } from './taken-rows.js';

/** Rows that a restore wrote in a table. */
export interface WrittenRows {
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

/** The same of one clinic. */
export interface ClinicWrites extends WrittenRows {
  readonly clinicId: string;
  /** `schema.table` */
  readonly table: string;
}

/**
 * Writes the difference between the scratch tables and the rows of the scope, and nothing else, in one statement: its
 * parts see the same state, and foreign keys are checked at its end, so that it does not matter which row goes or comes
 * first. Within a table rows are deleted before others are changed or inserted, so that unique values are free again.
 *
 * @returns what was written, by table and clinic; nothing for those where nothing was.
 */
export const applyRestore = async (
  client: pg.ClientBase,
  tables: readonly PlannedTable[],
): Promise<ClinicWrites[]> => {
  if (tables.length === 0) return [];
  const parts = tables.map(writesOf);
  const { rows } = await client.query<{ at: number; clinicId: string } & Record<keyof WrittenRows, string>>(
    `WITH ${parts.flatMap(({ writes }) => writes).join(',\n')}
     SELECT at, clinic_id AS "clinicId", sum(inserted) AS inserted, sum(updated) AS updated, sum(deleted) AS deleted
       FROM (${parts.flatMap(({ counts }) => counts).join(' UNION ALL ')}) counted (at, clinic_id, inserted, updated, deleted)
      GROUP BY at, clinic_id ORDER BY at, clinic_id`,
  );
  return rows.map(({ at, clinicId, inserted, updated, deleted }) => ({
    clinicId,
    table: tables[at]?.table.name ?? '',
    inserted: Number(inserted),
    updated: Number(updated),
    deleted: Number(deleted),
  }));
};

/** The named statements of one table, and SELECTs of what each of their rows counts as. */
interface TableWrites {
  readonly writes: readonly string[];
  readonly counts: readonly string[];
}

const writesOf = (planned: PlannedTable, at: number): TableWrites => {
  const { hasOtherKeys, fixed, deletesReachFurther } = planned.table;
  if (planned.mode === 'newest')
    return deletesReachFurther ? updateOlder(planned, at) : replaceOlder(planned, at);
  if (planned.mode !== 'replace') return insertMissing(planned, at);
  return (hasOtherKeys || fixed.length > 0) && !deletesReachFurther
    ? replaceRows(planned, at)
    : updateRows(planned, at);
};

const insert = ({ table, scratch }: PlannedTable, at: number, where: string): string =>
  `i${at} AS (INSERT INTO ${table.quoted} (${columnList(table.columns)}) OVERRIDING SYSTEM VALUE
     SELECT ${columnList(table.columns, 's')} FROM ${scratch} s WHERE ${where} RETURNING clinic_id)`;

const counted = (at: number, from: string, counts: Partial<WrittenRows>): string =>
  `SELECT ${at}, clinic_id, ${counts.inserted ?? 0}, ${counts.updated ?? 0}, ${counts.deleted ?? 0} FROM ${from}`;

/** A part that reads another one's rows runs after it. */
const after = (name: string): string => `(SELECT count(*) FROM ${name}) >= 0`;

const insertMissing = (planned: PlannedTable, at: number): TableWrites => ({
  writes: [
    insert(planned, at, `NOT EXISTS (SELECT FROM ${planned.table.quoted} l WHERE ${sameKey(planned)})`),
  ],
  counts: [counted(at, `i${at}`, { inserted: 1 })],
});

/** Rows of the scope become as in the backup where the condition holds. */
const update = (planned: PlannedTable, at: number, where: string): string => {
  const { table, scratch, inScope } = planned;
  const columns = table.columns.filter(
    (column) => !table.primaryKey.includes(column) && !table.fixed.includes(column),
  );
  const assignments = columns.map((column) => `${quoted(column)} = ${quoted(column, 's')}`).join(', ');
  return columns.length === 0
    ? `u${at} AS (SELECT NULL::uuid AS clinic_id WHERE false)`
    : `u${at} AS (UPDATE ${table.quoted} l SET ${assignments} FROM ${scratch} s
         WHERE ${sameKey(planned)} AND ${inScope('l')} AND ${where} RETURNING l.clinic_id)`;
};

/** Changed rows are updated in place: something else hangs on their being there. */
const updateRows = (planned: PlannedTable, at: number): TableWrites => {
  const { table, scratch, inScope } = planned;
  return {
    writes: [
      `d${at} AS (DELETE FROM ${table.quoted} l WHERE ${inScope('l')}
         AND NOT EXISTS (SELECT FROM ${scratch} s WHERE ${sameKey(planned)}) RETURNING l.clinic_id)`,
      update(planned, at, `${after(`d${at}`)} AND NOT (${sameRow(planned)})`),
      insert(
        planned,
        at,
        `${after(`u${at}`)} AND NOT EXISTS (SELECT FROM ${table.quoted} l WHERE ${sameKey(planned)})`,
      ),
    ],
    counts: [
      counted(at, `i${at}`, { inserted: 1 }),
      counted(at, `u${at}`, { updated: 1 }),
      counted(at, `d${at}`, { deleted: 1 }),
    ],
  };
};

/**
 * Changed rows are deleted and inserted again: rows that swapped the values of a unique key could not be updated one
 * after the other, and some columns cannot be updated at all.
 */
const replaceRows = (planned: PlannedTable, at: number): TableWrites => {
  const { table, scratch, inScope } = planned;
  const same = `${sameKey(planned)} AND ${sameRow(planned)}`;
  return {
    writes: [
      `d${at} AS (DELETE FROM ${table.quoted} l WHERE ${inScope('l')}
         AND NOT EXISTS (SELECT FROM ${scratch} s WHERE ${same})
         RETURNING l.clinic_id, EXISTS (SELECT FROM ${scratch} s WHERE ${sameKey(planned)}) AS again)`,
      insert(planned, at, `${after(`d${at}`)} AND NOT EXISTS (SELECT FROM ${table.quoted} l WHERE ${same})`),
    ],
    counts: [
      counted(at, `i${at}`, { inserted: 1 }),
      counted(at, `d${at} WHERE again`, { inserted: -1, updated: 1 }),
      counted(at, `d${at} WHERE NOT again`, { deleted: 1 }),
    ],
  };
};

/**
 * Older rows are deleted and inserted again: many an application has a trigger that sets the time of whatever is updated.
 * Whether they are older is asked again, in case that somebody changes them meanwhile; then inserting fails.
 */
const replaceOlder = (planned: PlannedTable, at: number): TableWrites => {
  const { table, scratch, inScope } = planned;
  return {
    writes: [
      `d${at} AS (DELETE FROM ${table.quoted} l WHERE ${inScope('l')}
         AND EXISTS (SELECT FROM ${scratch} s WHERE ${sameKey(planned)} AND ${taken(planned, 's')} AND ${isNewer(planned)})
         RETURNING clinic_id)`,
      insert(planned, at, `${after(`d${at}`)} AND ${taken(planned, 's')}`),
    ],
    counts: [counted(at, `i${at}`, { inserted: 1 }), counted(at, `d${at}`, { inserted: -1, updated: 1 })],
  };
};

/** Where deleting them would reach into other tables. */
const updateOlder = (planned: PlannedTable, at: number): TableWrites => ({
  writes: [
    update(planned, at, `${taken(planned, 's')} AND ${isNewer(planned)}`),
    insert(
      planned,
      at,
      `${after(`u${at}`)} AND ${taken(planned, 's')} AND NOT EXISTS (SELECT FROM ${planned.table.quoted} l WHERE ${sameKey(planned)})`,
    ),
  ],
  counts: [counted(at, `i${at}`, { inserted: 1 }), counted(at, `u${at}`, { updated: 1 })],
});
