import type pg from 'pg';
import type { ForeignKey } from '../catalogue.js';
import { equalColumns } from '../identifiers.js';
import type { PlannedTable } from './scope.js';
import { TAKEN } from './taken-rows.js';

/** No column of a backup can have this name: it has a space. */
const NEEDED = '"is needed"';

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
  for (const { scratch } of parents)
    await client.query(`ALTER TABLE ${scratch} ADD COLUMN ${NEEDED} boolean`);
  const marks = foreignKeys.flatMap((key) => {
    const [child, parent] = [byName.get(key.child), byName.get(key.parent)];
    return child !== undefined && parent?.mode === 'parents' ? [markNeeded(key, child, parent)] : [];
  });
  // Each round marks a row or is the last one.
  for (let marked = 1; marked > 0; ) {
    marked = 0;
    for (const mark of marks) marked += (await client.query(mark)).rowCount ?? 0;
  }
  for (const { scratch } of parents) await client.query(`DELETE FROM ${scratch} WHERE ${NEEDED} IS NOT TRUE`);
};

const markNeeded = (key: ForeignKey, child: PlannedTable, parent: PlannedTable): string => {
  const { primaryKey, quoted: live } = parent.table;
  const [byKey, byReference] = [primaryKey, key.parentColumns].map((columns) =>
    equalColumns({ alias: 'l', columns }, { alias: 'p', columns }),
  );
  return `UPDATE ${parent.scratch} p SET ${NEEDED} = true
     WHERE p.${NEEDED} IS NULL
       AND EXISTS (SELECT FROM ${child.scratch} c
                    WHERE ${equalColumns({ alias: 'c', columns: key.childColumns }, { alias: 'p', columns: key.parentColumns })}
                      ${isWritten(child)})
       AND NOT EXISTS (SELECT FROM ${live} l WHERE ${byKey})
       AND NOT EXISTS (SELECT FROM ${live} l WHERE ${byReference})`;
};

const isWritten = ({ mode }: PlannedTable): string => {
  if (mode === 'parents') return `AND c.${NEEDED}`;
  return mode === 'newest' ? `AND c.${TAKEN}` : '';
};
