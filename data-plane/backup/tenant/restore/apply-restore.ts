import type pg from 'pg';
import { columnList, equalColumns, quoted } from '../identifiers.js';
import { eventKey, KEYS_MAX, rowBytes, type StatementWrites } from './book-writes.js';
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
 * @returns what was written, by table, clinic and kind of statement; nothing for those where nothing was.
 */
export const applyRestore = async (
  client: pg.ClientBase,
  tables: readonly PlannedTable[],
): Promise<StatementWrites[]> => {
  if (tables.length === 0) return [];
  const parts = tables.map(writesOf);
  const { rows } = await client.query<Omit<StatementWrites, 'table'> & { readonly at: number }>(
    `WITH ${parts.flatMap(({ writes }) => writes).join(',\n')}
     SELECT at, action, clinic_id AS "clinicId", count(*)::int AS rows, count(*) FILTER (WHERE again)::int AS again,
            sum(bytes)::float8 AS bytes, (array_agg(key))[1:${KEYS_MAX}] AS keys
       FROM (${parts.flatMap(({ selects }) => selects).join(' UNION ALL ')}) written
      GROUP BY at, action, clinic_id ORDER BY at, action, clinic_id`,
  );
  return rows.flatMap(({ at, ...written }) => {
    const planned = tables[at];
    return planned === undefined ? [] : [{ ...written, table: planned.table }];
  });
};

/** The rows that statements wrote, as a restore counts them: a row that was deleted and inserted again was updated. */
export const countWrites = (writes: readonly StatementWrites[]): ClinicWrites[] => {
  const counted = new Map<string, ClinicWrites>();
  for (const { table, clinicId, action, rows, again } of writes) {
    const place = `${clinicId} ${table.name}`;
    const { inserted, updated, deleted } = counted.get(place) ?? { inserted: 0, updated: 0, deleted: 0 };
    counted.set(place, {
      table: table.name,
      clinicId,
      inserted: inserted + (action === 'insert' ? rows : 0) - again,
      updated: updated + (action === 'update' ? rows : 0) + again,
      deleted: deleted + (action === 'delete' ? rows : 0) - again,
    });
  }
  return [...counted.values()];
};

/** The named statements of one table, and SELECTs of what each of them wrote. */
interface TableWrites {
  readonly writes: readonly string[];
  readonly selects: readonly string[];
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

const insert = (planned: PlannedTable, at: number, where: string): string => {
  const { table, scratch } = planned;
  return `i${at} AS (INSERT INTO ${table.quoted} AS l (${columnList(table.columns)}) OVERRIDING SYSTEM VALUE
     SELECT ${columnList(table.columns, 's')} FROM ${scratch} s WHERE ${where} ${returning(planned, rowBytes(table, 'l'))})`;
};

const selected = (at: number, action: StatementWrites['action'], from: string): string =>
  `SELECT ${at} AS at, '${action}' AS action, clinic_id, again, key, bytes FROM ${from}`;

/** What a statement tells of each row `l` that it wrote. */
const returning = ({ table }: PlannedTable, bytes: string, again = 'false'): string =>
  `RETURNING l.clinic_id, ${again} AS again, ${eventKey(table, 'l')} AS key, ${bytes} AS bytes`;

/** A part that reads another one's rows runs after it. */
const after = (name: string): string => `(SELECT count(*) FROM ${name}) >= 0`;

const insertMissing = (planned: PlannedTable, at: number): TableWrites => ({
  writes: [
    insert(planned, at, `NOT EXISTS (SELECT FROM ${planned.table.quoted} l WHERE ${sameKey(planned)})`),
  ],
  selects: [selected(at, 'insert', `i${at}`)],
});

/** Rows of the scope become as in the backup where the condition holds. */
const update = (planned: PlannedTable, at: number, where: string): string => {
  const { table, scratch, inScope } = planned;
  const columns = table.columns.filter(
    (column) => !table.primaryKey.includes(column) && !table.fixed.includes(column),
  );
  const key = { alias: 's', columns: table.primaryKey };
  const before = equalColumns({ ...key, alias: 'o' }, key);
  const assignments = columns.map((column) => `${quoted(column)} = ${quoted(column, 's')}`).join(', ');
  return columns.length === 0
    ? `u${at} AS (SELECT NULL::uuid AS clinic_id, false AS again, '' AS key, 0::bigint AS bytes WHERE false)`
    : `u${at} AS (UPDATE ${table.quoted} l SET ${assignments} FROM ${scratch} s JOIN ${table.quoted} o ON ${before}
         WHERE ${sameKey(planned)} AND ${inScope('l')} AND ${where}
         ${returning(planned, `${rowBytes(table, 'l')} - ${rowBytes(table, 'o')}`)})`;
};

/** Changed rows are updated in place: something else hangs on their being there. */
const updateRows = (planned: PlannedTable, at: number): TableWrites => {
  const { table, scratch, inScope } = planned;
  return {
    writes: [
      `d${at} AS (DELETE FROM ${table.quoted} l WHERE ${inScope('l')}
         AND NOT EXISTS (SELECT FROM ${scratch} s WHERE ${sameKey(planned)}) ${returning(planned, `-${rowBytes(table, 'l')}`)})`,
      update(planned, at, `${after(`d${at}`)} AND NOT (${sameRow(planned)})`),
      insert(
        planned,
        at,
        `${after(`u${at}`)} AND NOT EXISTS (SELECT FROM ${table.quoted} l WHERE ${sameKey(planned)})`,
      ),
    ],
    selects: [
      selected(at, 'delete', `d${at}`),
      selected(at, 'update', `u${at}`),
      selected(at, 'insert', `i${at}`),
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
         ${returning(planned, `-${rowBytes(table, 'l')}`, `EXISTS (SELECT FROM ${scratch} s WHERE ${sameKey(planned)})`)})`,
      insert(planned, at, `${after(`d${at}`)} AND NOT EXISTS (SELECT FROM ${table.quoted} l WHERE ${same})`),
    ],
    selects: [selected(at, 'delete', `d${at}`), selected(at, 'insert', `i${at}`)],
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
         ${returning(planned, `-${rowBytes(table, 'l')}`, 'true')})`,
      insert(planned, at, `${after(`d${at}`)} AND ${taken(planned, 's')}`),
    ],
    selects: [selected(at, 'delete', `d${at}`), selected(at, 'insert', `i${at}`)],
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
  selects: [selected(at, 'update', `u${at}`), selected(at, 'insert', `i${at}`)],
});
