import type pg from 'pg';
import { RingfenceError } from '../../../../core/errors.js';
import type { OpenArchive } from '../../archive/reader.js';
import type { Catalogue } from '../catalogue.js';
import type { BackedUpTable, BackupContents } from '../contents.js';
import { columnList, equalColumns, uuidArray } from '../identifiers.js';
import { type ScratchLoader, type ScratchTable, scratchLoader } from '../scratch.js';
import { tablesToFill } from './fill-tables.js';
import {
  NEWEST_BY,
  type RestoreMode,
  type RestorePlan,
  type RestoreSelection,
  reachedTables,
} from './restore-plan.js';
import { loadScopeKeys, type ScopeSearch } from './scope-keys.js';
import { rowsReferredTo } from './wanted-rows.js';

/** A loaded table with what is done to it. Its scratch table has the rows of the scope only, unless it is of `parents`. */
export interface PlannedTable extends ScratchTable {
  readonly mode: RestoreMode;
  /** Of mode `newest`: the column that says when a row was last changed, where the table has it. */
  readonly newestBy: string | undefined;
  /** SQL: whether a row of the table under this alias is in the scope, so that the restore may write it. */
  readonly inScope: (alias: string) => string;
}

/** The rows that a restore is about. */
export interface Scope {
  readonly clinicIds: readonly string[];
  /** In the catalogue's order. */
  readonly tables: readonly PlannedTable[];
  /** Tables that are not loaded, because nothing is there to compare their rows with (`tablesToFill`). */
  readonly toFill: readonly BackedUpTable[];
  /** Every row of every clinic of the backup, in the tables that are to be replaced. */
  readonly whole: boolean;
}

/** A restore of which nothing is loaded yet. */
interface PlannedRestore {
  readonly client: pg.ClientBase;
  readonly archive: OpenArchive;
  readonly catalogue: Catalogue;
  readonly contents: BackupContents;
  readonly plan: RestorePlan;
}

/**
 * Loads what a restore is about. Without conditions: the rows of the chosen clinics. With conditions: those that
 * `loadScopeKeys` finds. Scratch tables have no other rows then, but for those of `parents`.
 *
 * @param planned.client in a transaction; where rows will be written, with the clinics locked.
 * @param wanted.mayFill whether tables may be left to be filled.
 * @throws RingfenceError usage for values that columns cannot have; scope_empty when the backup has no row in a narrowed
 *   scope, or in any with `mustHaveRows`: such a restore could only delete; what `load` throws.
 */
export const loadScope = async (
  { client, archive, catalogue, contents, plan }: PlannedRestore,
  {
    clinicIds,
    where = [],
    newestBy: column = NEWEST_BY,
    mayFill,
    mustHaveRows,
  }: RestoreSelection & {
    readonly clinicIds: readonly string[];
    readonly mayFill: boolean;
    readonly mustHaveRows: boolean;
  },
): Promise<Scope> => {
  const narrowed = where.length > 0 || clinicIds.length < contents.clinicIds.length;
  const toFill = mayFill && !narrowed ? await tablesToFill(client, contents, plan, catalogue) : [];
  const load = scratchLoader(client, archive, contents);
  const loaded: LoadedTable[] = [];
  if (where.length > 0)
    loaded.push(...(await loadReached(client, contents.tables, load, plan, { catalogue, clinicIds, where })));
  else for (const table of contents.tables) if (!toFill.includes(table)) loaded.push(await load(table));
  const tables: PlannedTable[] = [];
  const counts = countedModes(plan);
  let rows = 0;
  for (const { table, section } of toFill) if (counts.has(plan.get(table.name))) rows += section.rows;
  for (const [at, table] of loaded.entries()) {
    const mode = plan.get(table.table.name) ?? 'parents';
    const newestBy = mode === 'newest' && table.table.columns.includes(column) ? column : undefined;
    const inScope = (alias: string): string =>
      mode === 'parents'
        ? 'false'
        : (keyed(table, alias) ?? `${alias}.clinic_id = ANY (${uuidArray(clinicIds)})`);
    if (mode === 'parents' || !narrowed) {
      if (counts.has(mode)) rows += table.section.rows;
      tables.push({ ...table, mode, newestBy, inScope });
      continue;
    }
    const kept = await keepInScope(client, table, `pg_temp.kept_${at}`, inScope('s'));
    if (counts.has(mode)) rows += kept;
    tables.push({ ...table, mode, newestBy, inScope, scratch: `pg_temp.kept_${at}` });
  }
  if (rows === 0 && (narrowed || mustHaveRows)) throw nothingInScope();
  return { clinicIds, tables, toFill, whole: !narrowed };
};

/**
 * The modes whose rows tell whether a backup has anything to restore: records of what happened do not, unless nothing else
 * is asked for, because a backup of an empty tenant may have them.
 */
const countedModes = (plan: RestorePlan): ReadonlySet<RestoreMode | undefined> => {
  const changing = [...plan.values()].filter((mode) => mode === 'replace' || mode === 'newest');
  return new Set(changing.length > 0 ? changing : ['complete']);
};

/** A table with the temporary table of its keys in the scope, where conditions led to it. */
type LoadedTable = ScratchTable & { readonly keys?: string };

/** Tables that conditions lead to, and what their rows refer to; of most only the rows that may be needed. */
const loadReached = async (
  client: pg.ClientBase,
  tables: readonly BackedUpTable[],
  load: ScratchLoader,
  plan: RestorePlan,
  search: ScopeSearch,
): Promise<LoadedTable[]> => {
  const names = new Set(tables.map(({ table }) => table.name));
  const reached = reachedTables(search.catalogue, names, search.where);
  const alsoParents = new Set([...reached].filter((name) => plan.get(name) === 'parents'));
  const inScope = tables.filter(({ table }) => reached.has(table.name));
  const found = await loadScopeKeys(client, inScope, load, search, alsoParents);
  const loaded = new Map<string, LoadedTable>(found.map((table) => [table.table.name, table]));
  // Children first: they tell which rows of their parents are needed.
  for (const backedUp of [...tables].reverse()) {
    const { name } = backedUp.table;
    if (loaded.has(name)) continue;
    const keys = search.catalogue.foreignKeys.filter(
      ({ parent, child }) => parent === name && names.has(child),
    );
    const children = keys.flatMap((key) => {
      const child = loaded.get(key.child);
      return child === undefined ? [] : [{ key, child }];
    });
    const isRing = children.length < keys.length;
    loaded.set(
      name,
      await load(backedUp, isRing ? undefined : await rowsReferredTo(client, backedUp, children)),
    );
  }
  return tables.flatMap(({ table }) => loaded.get(table.name) ?? []);
};

const keyed = ({ keys, table: { primaryKey: columns } }: LoadedTable, alias: string): string | undefined =>
  keys && `EXISTS (SELECT FROM ${keys} k WHERE ${equalColumns({ alias: 'k', columns }, { alias, columns })})`;

const keepInScope = async (
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
  new RingfenceError('scope_empty', 'the backup has no row in this scope', {
    fix: 'look for another backup with `ringfence backups list`, or choose other clinics, tables or conditions',
  });
