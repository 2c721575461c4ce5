import type pg from 'pg';
import type { BackupTable, Catalogue, ForeignKey } from '../catalogue.js';
import type { BackedUpTable } from '../contents.js';
import { columnList, equalColumns, uuidArray } from '../identifiers.js';
import type { ScratchLoader } from '../scratch.js';
import { type Condition, conditionSql, matchingColumns, translateBadValue } from './conditions.js';
import { type KeyedTable, rowsInScope } from './wanted-rows.js';

/** The columns by which the rows of a scope are found. */
export interface ScopeSearch {
  readonly catalogue: Catalogue;
  readonly clinicIds: readonly string[];
  readonly where: readonly Condition[];
}

/**
 * Loads what conditions lead to, and finds its keys: rows for which all conditions hold, in the backup or now, and then,
 * again and again, rows that refer to a row in the scope, in the backup or now. Both sides, so that no row outside the
 * scope refers to one that goes, and a row that was moved from one patient to another is put right.
 *
 * Rows that a row of the scope refers to are not in the scope for that.
 *
 * Parents come before children. Of a table whose parents are all settled, only rows that can be in the scope are loaded;
 * tables in a ring of foreign keys, and those that refer to them, are loaded whole.
 *
 * @param client in a transaction that has locked the clinics.
 * @param tables every table between those that have the columns and those that are restored, in the catalogue's order.
 * @param whole tables of which more rows are needed than those of the scope.
 * @returns each with its keys, in the same order.
 * @throws RingfenceError usage for a value that a column cannot have; what `load` throws.
 */
export const loadScopeKeys = async (
  client: pg.ClientBase,
  tables: readonly BackedUpTable[],
  load: ScratchLoader,
  search: ScopeSearch,
  whole: ReadonlySet<string>,
): Promise<KeyedTable[]> => {
  const names = new Set(tables.map(({ table }) => table.name));
  const foreignKeys = search.catalogue.foreignKeys.filter(
    ({ child, parent }) => names.has(child) && names.has(parent),
  );
  const done = new Map<string, KeyedTable>();
  const settled = new Set<string>();
  for (const backedUp of tables) {
    const { table } = backedUp;
    const keys = `pg_temp.scope_${done.size}`;
    await createKeys(client, table, keys);
    const keysOfChild = foreignKeys.filter(({ child }) => child === table.name);
    const parents = keysOfChild.flatMap((key) => {
      const parent = done.get(key.parent);
      return parent === undefined ? [] : [{ key, parent }];
    });
    const isSettled = keysOfChild.every(({ parent }) => settled.has(parent));

    await addMatching(client, { table, keys, rows: table.quoted }, search);
    for (const { key, parent } of parents)
      await addReferring(client, key, live(parent), { table, keys, rows: table.quoted }, search);
    const wanted =
      isSettled && !whole.has(table.name)
        ? await rowsInScope(client, backedUp, keys, parents, search)
        : undefined;
    const loaded = { ...(await load(backedUp, wanted)), keys };
    await addMatching(client, inBackup(loaded), search);
    for (const { key, parent } of parents)
      await addReferring(client, key, inBackup(parent), inBackup(loaded), search);
    done.set(table.name, loaded);
    if (isSettled) settled.add(table.name);
  }
  await followRings(
    client,
    done,
    foreignKeys.filter(({ child }) => !settled.has(child)),
    search,
  );
  return [...done.values()];
};

/** Adds what refers to rows in the scope until there is no more, in either state. */
const followRings = async (
  client: pg.ClientBase,
  tables: ReadonlyMap<string, KeyedTable>,
  foreignKeys: readonly ForeignKey[],
  search: ScopeSearch,
): Promise<void> => {
  // A Set's iteration reaches what is added meanwhile; each turn adds keys of rows that exist, so it ends.
  const grown = new Set(foreignKeys.map(({ parent }) => parent));
  for (const name of grown) {
    grown.delete(name);
    for (const key of foreignKeys) {
      const [parent, child] = [tables.get(key.parent), tables.get(key.child)];
      if (key.parent !== name || parent === undefined || child === undefined) continue;
      const added =
        (await addReferring(client, key, inBackup(parent), inBackup(child), search)) +
        (await addReferring(client, key, live(parent), live(child), search));
      if (added > 0) grown.add(key.child);
    }
  }
};

/** The rows of a table in one of its two states, and the temporary table of its keys in the scope. */
interface Side {
  readonly table: BackupTable;
  readonly keys: string;
  readonly rows: string;
}

const inBackup = ({ table, keys, scratch }: KeyedTable): Side => ({ table, keys, rows: scratch });
const live = ({ table, keys }: KeyedTable): Side => ({ table, keys, rows: table.quoted });

const createKeys = async (client: pg.ClientBase, table: BackupTable, keys: string): Promise<void> => {
  const columns = columnList(table.primaryKey);
  await client.query(
    `CREATE TEMP TABLE ${keys} ON COMMIT DROP AS SELECT ${columns} FROM ${table.quoted} WITH NO DATA`,
  );
  await client.query(`ALTER TABLE ${keys} ADD PRIMARY KEY (${columns})`);
};

const addMatching = async (
  client: pg.ClientBase,
  { table, keys, rows }: Side,
  { catalogue, clinicIds, where }: ScopeSearch,
): Promise<void> => {
  const matches = matchingColumns(catalogue, table, where);
  if (matches === undefined) return;
  const { text, values } = conditionSql(matches, 'r');
  try {
    await client.query(
      `INSERT INTO ${keys} SELECT ${columnList(table.primaryKey, 'r')} FROM ${rows} r
        WHERE r.clinic_id = ANY (${uuidArray(clinicIds)}) AND ${text} ON CONFLICT DO NOTHING`,
      values,
    );
  } catch (error) {
    throw translateBadValue(error, table, where);
  }
};

/** @returns how many keys of the child it added. */
const addReferring = async (
  client: pg.ClientBase,
  key: ForeignKey,
  parent: Side,
  child: Side,
  { clinicIds }: ScopeSearch,
): Promise<number> => {
  const { primaryKey: columns } = parent.table;
  const refers = equalColumns(
    { alias: 'c', columns: key.childColumns },
    { alias: 'p', columns: key.parentColumns },
  );
  const { rowCount } = await client.query(
    `INSERT INTO ${child.keys} SELECT ${columnList(child.table.primaryKey, 'c')}
       FROM ${parent.keys} k JOIN ${parent.rows} p ON ${equalColumns({ alias: 'k', columns }, { alias: 'p', columns })}
       JOIN ${child.rows} c ON ${refers} AND c.clinic_id = ANY (${uuidArray(clinicIds)})
     ON CONFLICT DO NOTHING`,
  );
  return rowCount ?? 0;
};
