import type pg from 'pg';
import { RingfenceError } from '../../../tenants/errors.js';
import type { Catalogue } from './catalogue.js';
import { columnList, equalColumns, uuidArray } from './identifiers.js';
import type { RestoreMode, RestorePlan, RestoreSelection } from './restore-plan.js';
import { type ScopeKeys, scopeKeys } from './scope-keys.js';
import type { Scratch, ScratchTable } from './scratch.js';

/** A loaded table with what is done to it. Its scratch table has the rows of the scope only, unless it is of `parents`. */
export interface PlannedTable extends ScratchTable {
  readonly mode: RestoreMode;
  /** SQL: whether a row of the table under this alias is in the scope, so that the restore may write it. */
  readonly inScope: (alias: string) => string;
}

/** The rows that a restore is about. */
export interface Scope {
  readonly clinicIds: readonly string[];
  /** In the catalogue's order. */
  readonly tables: readonly PlannedTable[];
  /** Every row of every clinic of the backup, in the tables that are to be replaced. */
  readonly whole: boolean;
}

/**
 * Says which rows a restore is about. Without conditions: those of the chosen clinics. With conditions: the rows that
 * `scopeKeys` finds. What is not in the scope is taken out of the scratch tables.
 *
 * @param client in the transaction of `scratch`; where rows will be written, with the clinics locked.
 * @throws RingfenceError clinic_not_found for one that the backup has not; usage for values that columns cannot have,
 *   and when the backup has no row in a narrowed scope: such a restore could only delete.
 */
export const narrowToScope = async (
  client: pg.ClientBase,
  scratch: Scratch,
  plan: RestorePlan,
  catalogue: Catalogue,
  { clinicIds: chosen, where = [] }: RestoreSelection,
): Promise<Scope> => {
  const clinicIds = chosen ?? scratch.clinicIds;
  assertInBackup(clinicIds, scratch.clinicIds);
  const narrowed = where.length > 0 || clinicIds.length < scratch.clinicIds.length;
  const keys =
    where.length > 0 ? await scopeKeys(client, scratch.tables, catalogue, clinicIds, where) : undefined;

  const tables: PlannedTable[] = [];
  let rows = 0;
  for (const [at, table] of scratch.tables.entries()) {
    const mode = plan.get(table.table.name) ?? 'parents';
    const inScope = (alias: string): string =>
      mode === 'parents'
        ? 'false'
        : (keyed(keys, table, alias) ?? `${alias}.clinic_id = ANY (${uuidArray(clinicIds)})`);
    if (mode === 'parents' || !narrowed) {
      tables.push({ ...table, mode, inScope });
      continue;
    }
    const kept = await keepRows(client, table, `pg_temp.kept_${at}`, inScope('s'));
    rows += kept;
    tables.push({ ...table, mode, inScope, scratch: `pg_temp.kept_${at}` });
  }
  if (narrowed && rows === 0) throw nothingInScope();
  return { clinicIds, tables, whole: !narrowed };
};

const assertInBackup = (clinicIds: readonly string[], known: readonly string[]): void => {
  const unknown = clinicIds.filter((id) => !known.includes(id));
  if (unknown.length === 0) return;
  throw new RingfenceError('clinic_not_found', `The backup has no clinic ${unknown.join(', ')}`, {
    fix: 'Choose a backup that was taken after the clinic was opened.',
  });
};

const keyed = (
  keys: ScopeKeys | undefined,
  { table: { name, primaryKey: columns } }: ScratchTable,
  alias: string,
): string | undefined => {
  const found = keys?.get(name);
  return (
    found &&
    `EXISTS (SELECT FROM ${found} k WHERE ${equalColumns({ alias: 'k', columns }, { alias, columns })})`
  );
};

const keepRows = async (
  client: pg.ClientBase,
  { table: { primaryKey }, scratch }: ScratchTable,
  kept: string,
  condition: string,
): Promise<number> => {
  const { rowCount } = await client.query(
    `CREATE TEMP TABLE ${kept} ON COMMIT DROP AS SELECT s.* FROM ${scratch} s WHERE ${condition}`,
  );
  await client.query(`ALTER TABLE ${kept} ADD PRIMARY KEY (${columnList(primaryKey)})`);
  await client.query(`ANALYZE ${kept} (${columnList(primaryKey)})`);
  return rowCount ?? 0;
};

const nothingInScope = (): RingfenceError =>
  new RingfenceError('usage', 'The backup has no row in this scope', {
    fix: 'Look for another backup with `ringfence backups list`, or choose other clinics, tables or conditions.',
  });
