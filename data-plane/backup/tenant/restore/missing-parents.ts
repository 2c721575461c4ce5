import type pg from 'pg';
import type { ForeignKey } from '../catalogue.js';
import { equalColumns, extraColumn } from '../identifiers.js';
import type { PlannedTable } from './scope.js';
import { taken } from './taken-rows.js';

const needed = ({ table }: PlannedTable, alias?: string): string =>
  extraColumn(table.columns, 'is needed', alias);

/**
 * Leaves in the scratch tables of mode `parents` only rows that are missing now and that rows to be restored refer to,
 * directly or through other such rows.
 */
export const keepMissingParents = async (
  client: pg.ClientBase,
  tables: readonly PlannedTable[],
  foreignKeys: readonly ForeignKey[],
): Promise<void> => {
  const byName = new Map(tables.map((planned) => [planned.table.name, planned]));
  const parents = tables.filter(({ mode }) => mode === 'parents');
  for (const parent of parents)
    await client.query(`ALTER TABLE ${parent.scratch} ADD COLUMN ${needed(parent)} boolean`);
  const marks = foreignKeys.flatMap((key) => {
    const [child, parent] = [byName.get(key.child), byName.get(key.parent)];
    return child !== undefined && parent?.mode === 'parents' ? [markNeeded(key, child, parent)] : [];
  });
  // Each round marks a row or is the last one.
  for (let marked = 1; marked > 0; ) {
    marked = 0;
    for (const mark of marks) marked += (await client.query(mark)).rowCount ?? 0;
  }
  for (const parent of parents)
    await client.query(`DELETE FROM ${parent.scratch} WHERE ${needed(parent)} IS NOT TRUE`);
};

const markNeeded = (key: ForeignKey, child: PlannedTable, parent: PlannedTable): string => {
  const { primaryKey, quoted: live } = parent.table;
  const [byKey, byReference] = [primaryKey, key.parentColumns].map((columns) =>
    equalColumns({ alias: 'l', columns }, { alias: 'p', columns }),
  );
  return `UPDATE ${parent.scratch} p SET ${needed(parent)} = true
     WHERE ${needed(parent, 'p')} IS NULL
       AND EXISTS (SELECT FROM ${child.scratch} c
                    WHERE ${equalColumns({ alias: 'c', columns: key.childColumns }, { alias: 'p', columns: key.parentColumns })}
                      ${isWritten(child)})
       AND NOT EXISTS (SELECT FROM ${live} l WHERE ${byKey})
       AND NOT EXISTS (SELECT FROM ${live} l WHERE ${byReference})`;
};

const isWritten = (child: PlannedTable): string => {
  if (child.mode === 'parents') return `AND ${needed(child, 'c')}`;
  return child.mode === 'newest' ? `AND ${taken(child, 'c')}` : '';
};
