import type pg from 'pg';
import type { Catalogue, ForeignKey } from './catalogue.js';
import { type Condition, conditionSql, matchingColumns, translateBadValue } from './conditions.js';
import { columnList, equalColumns, uuidArray } from './identifiers.js';
import type { ScratchTable } from './scratch.js';

/** By `schema.table`, a temporary table of the primary keys that are in the scope. */
export type ScopeKeys = ReadonlyMap<string, string>;

/** A table, and its rows on either side. */
interface Sides {
  readonly table: ScratchTable;
  readonly keys: string;
}

/**
 * Finds the rows that conditions lead to, by key: rows for which all conditions hold, in the backup or now, and then,
 * again and again, rows that refer to a row in the scope, in the backup or now. Both sides, so that no row outside the
 * scope refers to one that goes, and a row that was moved from one patient to another is put right.
 *
 * Rows that a row of the scope refers to are not in the scope for that.
 *
 * @param tables every table between those that have the columns and those that are restored.
 * @throws RingfenceError usage for a value that a column cannot have.
 */
export const scopeKeys = async (
  client: pg.ClientBase,
  tables: readonly ScratchTable[],
  catalogue: Catalogue,
  clinicIds: readonly string[],
  where: readonly Condition[],
): Promise<ScopeKeys> => {
  const clinics = uuidArray(clinicIds);
  const sides = new Map<string, Sides>();
  const grown = new Set<string>();
  for (const [at, table] of tables.entries()) {
    const keys = `pg_temp.scope_${at}`;
    await createKeys(client, table, keys);
    sides.set(table.table.name, { table, keys });
    if ((await addMatching(client, { table, keys }, catalogue, clinics, where)) > 0)
      grown.add(table.table.name);
  }
  // A Set's iteration reaches what is added meanwhile; each turn adds keys of rows that exist, so it ends.
  for (const name of grown) {
    grown.delete(name);
    for (const key of catalogue.foreignKeys) {
      const [parent, child] = [sides.get(key.parent), sides.get(key.child)];
      if (key.parent !== name || parent === undefined || child === undefined) continue;
      if ((await addReferring(client, key, parent, child, clinics)) > 0) grown.add(key.child);
    }
  }
  return new Map([...sides].map(([name, { keys }]) => [name, keys]));
};

const createKeys = async (client: pg.ClientBase, { table }: ScratchTable, keys: string): Promise<void> => {
  const columns = columnList(table.primaryKey);
  await client.query(
    `CREATE TEMP TABLE ${keys} ON COMMIT DROP AS SELECT ${columns} FROM ${table.quoted} WITH NO DATA`,
  );
  await client.query(`ALTER TABLE ${keys} ADD PRIMARY KEY (${columns})`);
};

const addMatching = async (
  client: pg.ClientBase,
  { table: { table, scratch }, keys }: Sides,
  catalogue: Catalogue,
  clinics: string,
  where: readonly Condition[],
): Promise<number> => {
  const matches = matchingColumns(catalogue, table, where);
  if (matches === undefined) return 0;
  const { text, values } = conditionSql(matches, 'r');
  let added = 0;
  for (const rows of [scratch, table.quoted]) {
    try {
      const { rowCount } = await client.query(
        `INSERT INTO ${keys} SELECT ${columnList(table.primaryKey, 'r')} FROM ${rows} r
          WHERE r.clinic_id = ANY (${clinics}) AND ${text} ON CONFLICT DO NOTHING`,
        values,
      );
      added += rowCount ?? 0;
    } catch (error) {
      throw translateBadValue(error, table, where);
    }
  }
  return added;
};

const addReferring = async (
  client: pg.ClientBase,
  key: ForeignKey,
  parent: Sides,
  child: Sides,
  clinics: string,
): Promise<number> => {
  const { primaryKey: columns } = parent.table.table;
  const refers = equalColumns(
    { alias: 'c', columns: key.childColumns },
    { alias: 'p', columns: key.parentColumns },
  );
  let added = 0;
  for (const [children, parents] of [
    [child.table.scratch, parent.table.scratch],
    [child.table.table.quoted, parent.table.table.quoted],
  ]) {
    const { rowCount } = await client.query(
      `INSERT INTO ${child.keys} SELECT ${columnList(child.table.table.primaryKey, 'c')}
         FROM ${parent.keys} k JOIN ${parents} p ON ${equalColumns({ alias: 'k', columns }, { alias: 'p', columns })}
         JOIN ${children} c ON ${refers} AND c.clinic_id = ANY (${clinics})
       ON CONFLICT DO NOTHING`,
    );
    added += rowCount ?? 0;
  }
  return added;
};
