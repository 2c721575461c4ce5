import { RingfenceError } from '../../../../core/errors.js';
import type { BackupTable, Catalogue } from '../catalogue.js';
import { type Condition, matchingColumns } from './conditions.js';

/** The scope of a restore, and its mode. A missing part does not narrow. */
export interface RestoreSelection {
  /** `schema.table` */
  readonly tables?: readonly string[];
  /** Clinics of the tenant that the backup has. */
  readonly clinicIds?: readonly string[];
  /** All of them hold for the rows that the scope starts from; see `loadScope`. */
  readonly where?: readonly Condition[];
  /**
   * `missing-only` leaves every row that is there as it is, `newest` those that are as new as the backup's or newer.
   * Default: `replace`.
   */
  readonly mode?: 'replace' | 'missing-only' | 'newest';
  /** The column that says when a row was last changed, for `newest`. Default: `updated_at`. */
  readonly newestBy?: string;
}

export const NEWEST_BY = 'updated_at';

/** Types of columns that say when. */
const TIMES = new Set(['timestamp with time zone', 'timestamp without time zone', 'date']);

/**
 * The effect of a restore on a table:
 * - `replace`: afterwards its rows in the scope are the backup's and no others.
 * - `complete`: rows that are missing come back; what is there stays as it is. For records of what happened, which a
 *   restore must not rewrite: append-only tables that refer to no other tenant table, such as audit events and
 *   configuration versions. (One that refers to another table, such as addenda to prescriptions, is part of it and is
 *   replaced with it.) And for every table when only what is missing is asked for.
 * - `newest`: rows that are missing come back; of a row that is there the later one stays, and what is there where none
 *   is later. Rows that the backup has not stay. No table that is append-only: a row of it never changes.
 * - `parents`: rows that restored rows refer to come back where they are missing.
 */
export type RestoreMode = 'replace' | 'complete' | 'newest' | 'parents';

/** Every table that a restore may write, by `schema.table`. */
export type RestorePlan = ReadonlyMap<string, RestoreMode>;

/**
 * @param inBackup tables of the backup.
 * @throws RingfenceError usage for a chosen table that the backup has not, or that the conditions do not reach, and for a
 *   column that does not say when.
 */
export const planRestore = (
  catalogue: Catalogue,
  inBackup: ReadonlySet<string>,
  { tables: chosen, where = [], mode = 'replace', newestBy = NEWEST_BY }: RestoreSelection,
): RestorePlan => {
  const absent = chosen?.filter((name) => !inBackup.has(name)) ?? [];
  if (absent.length > 0) throw unknownTables(absent, inBackup);
  const reached = where.length > 0 ? reachedTables(catalogue, inBackup, where) : inBackup;
  const unreached = chosen?.filter((name) => !reached.has(name)) ?? [];
  if (reached.size === 0 || unreached.length > 0) throw unknownColumns(where, unreached);
  const plan = new Map<string, RestoreMode>();
  for (const table of catalogue.tables) {
    if (!reached.has(table.name) || chosen?.includes(table.name) === false) continue;
    plan.set(table.name, modeOf(table, mode));
  }
  assertSayWhen(
    catalogue.tables.filter(({ name }) => plan.get(name) === 'newest'),
    newestBy,
  );
  // A Map's iteration reaches what is added meanwhile: parents of parents.
  for (const child of plan.keys()) {
    for (const key of catalogue.foreignKeys)
      if (key.child === child && inBackup.has(key.parent) && !plan.has(key.parent))
        plan.set(key.parent, 'parents');
  }
  return plan;
};

/** Of some tables, those that have the columns, and those that refer to them, directly or through others. */
export const reachedTables = (
  catalogue: Catalogue,
  inBackup: ReadonlySet<string>,
  where: readonly Condition[],
): ReadonlySet<string> => {
  const started = catalogue.tables.filter(
    (table) => inBackup.has(table.name) && matchingColumns(catalogue, table, where) !== undefined,
  );
  const reached = new Set(started.map(({ name }) => name));
  for (const parent of reached)
    for (const key of catalogue.foreignKeys)
      if (key.parent === parent && inBackup.has(key.child)) reached.add(key.child);
  return reached;
};

const modeOf = (table: BackupTable, mode: NonNullable<RestoreSelection['mode']>): RestoreMode => {
  if (mode === 'newest') return table.appendOnly ? 'complete' : 'newest';
  return mode === 'missing-only' || isRecord(table) ? 'complete' : 'replace';
};

/** One of the tables has the column, and in each that has it it is a time. */
const assertSayWhen = (tables: readonly BackupTable[], column: string): void => {
  const having = tables.filter(({ columns }) => columns.includes(column));
  if (tables.length > 0 && having.length === 0) {
    throw new RingfenceError(
      'usage',
      `no table to restore has a column ${column} that says which row is newer`,
      {
        fix: 'name the column with --newest-by, or use --mode missing-only, which leaves rows that are there as they are',
      },
    );
  }
  const other = having.find(({ types }) => !TIMES.has(types.get(column) ?? ''));
  if (other === undefined) return;
  throw new RingfenceError(
    'usage',
    `${other.name}.${column} is of the type ${other.types.get(column)}, so it does not say which row is newer`,
    {
      fix: `name a column of the type timestamptz, timestamp or date with --newest-by, or leave ${other.name} out`,
    },
  );
};

const isRecord = ({ appendOnly, refersTo, name }: BackupTable): boolean =>
  appendOnly && refersTo.every((parent) => parent === name);

const unknownTables = (absent: readonly string[], inBackup: ReadonlySet<string>): RingfenceError =>
  new RingfenceError('usage', `the backup has no table ${absent.join(', ')}`, {
    fix: `choose from: ${[...inBackup].sort().join(', ')}`,
  });

const unknownColumns = (where: readonly Condition[], unreached: readonly string[]): RingfenceError => {
  const columns = where.map(({ column }) => column).join(' and ');
  return new RingfenceError(
    'usage',
    unreached.length === 0
      ? `no table of the backup has ${columns}`
      : `${unreached.join(', ')} neither has ${columns} nor refers to a table that has`,
    { fix: 'name a column of a tenant table, such as patient_id' },
  );
};
