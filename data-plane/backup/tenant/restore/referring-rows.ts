import type pg from 'pg';
import { RingfenceError } from '../../../../core/errors.js';
import type { Catalogue } from '../catalogue.js';
import { equalColumns } from '../identifiers.js';
import type { PlannedTable } from './scope.js';

/**
 * Makes sure that no row goes that a table outside the restore still refers to, whatever the foreign key would do to
 * that table.
 *
 * @throws RingfenceError conflict, naming the tables to restore as well.
 */
export const assertNothingRefers = async (
  client: pg.ClientBase,
  tables: readonly PlannedTable[],
  catalogue: Catalogue,
): Promise<void> => {
  const planned = new Map(tables.map((table) => [table.table.name, table]));
  const live = new Map(catalogue.tables.map((table) => [table.name, table]));
  const referring = new Map<string, number>();
  for (const key of catalogue.foreignKeys) {
    const [parent, child] = [planned.get(key.parent), live.get(key.child)];
    const childMode = planned.get(key.child)?.mode;
    if (parent?.mode !== 'replace' || child === undefined || childMode === 'replace') continue;
    const columns = parent.table.primaryKey;
    const { rows } = await client.query<{ rows: number }>(
      `SELECT count(*)::int AS rows FROM ${child.quoted} c
         JOIN ${parent.table.quoted} p
           ON ${equalColumns({ alias: 'c', columns: key.childColumns }, { alias: 'p', columns: key.parentColumns })}
        WHERE ${parent.inScope('p')}
          AND NOT EXISTS (SELECT FROM ${parent.scratch} s
                           WHERE ${equalColumns({ alias: 's', columns }, { alias: 'p', columns })})`,
    );
    const count = rows[0]?.rows ?? 0;
    if (count > 0) referring.set(key.child, (referring.get(key.child) ?? 0) + count);
  }
  if (referring.size === 0) return;
  const counts = [...referring].map(([table, rows]) => `${rows} of ${table}`).join(', ');
  throw new RingfenceError('conflict', `rows refer to others that the restore would delete: ${counts}`, {
    fix: `restore these tables as well: ${[...referring.keys()].map((table) => `--table ${table}`).join(' ')}`,
  });
};
