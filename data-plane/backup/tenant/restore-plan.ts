import { RingfenceError } from '../../../tenants/errors.js';
import type { BackupTable, Catalogue } from './catalogue.js';
import type { ScratchTable } from './scratch.js';

/**
 * What a restore does to a table:
 * - `replace`: afterwards it has the backup's rows and no others.
 * - `complete`: rows that are missing come back; what is there stays as it is. For records of what happened, which
 *   a restore must not rewrite: append-only tables that refer to no other tenant table, such as audit events and
 *   configuration versions. (One that refers to another table, such as addenda to prescriptions, is part of it and
 *   is replaced with it.)
 * - `parents`: rows that restored rows refer to come back where they are missing.
 */
type RestoreMode = 'replace' | 'complete' | 'parents';

/** Every table that a restore may write, by `schema.table`. */
export type RestorePlan = ReadonlyMap<string, RestoreMode>;

/** A loaded table with what is done to it. */
export interface PlannedTable extends ScratchTable {
  readonly mode: RestoreMode;
}

/**
 * @param inBackup tables of the backup.
 * @param chosen `schema.table`; undefined for all of them.
 * @throws RingfenceError usage for a chosen table that the backup has not.
 */
export const planRestore = (
  { tables, foreignKeys }: Catalogue,
  inBackup: ReadonlySet<string>,
  chosen: readonly string[] | undefined,
): RestorePlan => {
  const absent = chosen?.filter((name) => !inBackup.has(name)) ?? [];
  if (absent.length > 0) throw unknownTables(absent, inBackup);
  const plan = new Map<string, RestoreMode>();
  for (const table of tables) {
    if (!inBackup.has(table.name) || chosen?.includes(table.name) === false) continue;
    plan.set(table.name, isRecord(table) ? 'complete' : 'replace');
  }
  // A Map's iteration reaches what is added meanwhile: parents of parents.
  for (const child of plan.keys()) {
    for (const key of foreignKeys)
      if (key.child === child && inBackup.has(key.parent) && !plan.has(key.parent))
        plan.set(key.parent, 'parents');
  }
  return plan;
};

const isRecord = ({ appendOnly, refersTo, name }: BackupTable): boolean =>
  appendOnly && refersTo.every((parent) => parent === name);

const unknownTables = (absent: readonly string[], inBackup: ReadonlySet<string>): RingfenceError =>
  new RingfenceError('usage', `The backup has no table ${absent.join(', ')}`, {
    fix: `Choose from: ${[...inBackup].sort().join(', ')}`,
  });
