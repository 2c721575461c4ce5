import type pg from 'pg';
import { RingfenceError } from '../../../../core/errors.js';
import { extraColumn, quoted } from '../identifiers.js';
import { sameKey, sameRow } from './same-rows.js';
import type { PlannedTable } from './scope.js';

/** SQL condition on a scratch table of mode `newest`: the restore takes the backup's row. */
export const taken = ({ table }: PlannedTable, alias?: string): string =>
  extraColumn(table.columns, 'is taken', alias);

/** Whether the backup's row `s` is newer than the row `l` of the cell: later, or of a time where that has none. */
export const isNewer = ({ newestBy }: PlannedTable): string => {
  if (newestBy === undefined) return 'false';
  const [live, backup] = [quoted(newestBy, 'l'), quoted(newestBy, 's')];
  return `(${backup} > ${live} OR (${live} IS NULL AND ${backup} IS NOT NULL))`;
};

/**
 * Marks the rows of the scope that a restore of mode `newest` writes: those that are missing, and those that are newer
 * than what is there. In a table without the column only rows that are missing are written, which is only right where the
 * others are equal.
 *
 * @throws RingfenceError usage for tables without the column in which others are not.
 */
export const markTaken = async (client: pg.ClientBase, tables: readonly PlannedTable[]): Promise<void> => {
  const undecided: string[] = [];
  for (const planned of tables.filter(({ mode }) => mode === 'newest')) {
    const { table, scratch, newestBy } = planned;
    const differing = newestBy === undefined ? await countDiffering(client, planned) : 0;
    if (differing > 0) undecided.push(`${differing} of ${table.name}`);
    await client.query(`ALTER TABLE ${scratch} ADD COLUMN ${taken(planned)} boolean`);
    await client.query(
      `UPDATE ${scratch} s SET ${taken(planned)} = NOT EXISTS
         (SELECT FROM ${table.quoted} l WHERE ${sameKey(planned)} AND ${isNewer(planned)} IS NOT TRUE)`,
    );
  }
  if (undecided.length === 0) return;
  const having = tables.filter(({ newestBy }) => newestBy !== undefined);
  throw new RingfenceError(
    'usage',
    `rows differ from the backup, and their tables have no column that says which is newer: ${undecided.join(', ')}`,
    {
      fix: `restore the others only: ${having.map(({ table }) => `--table ${table.name}`).join(' ')}; or name a column that all have with --newest-by; those without one can be restored on their own in another mode`,
    },
  );
};

const countDiffering = async (client: pg.ClientBase, planned: PlannedTable): Promise<number> => {
  const { rows } = await client.query<{ rows: number }>(
    `SELECT count(*)::float8 AS rows FROM ${planned.scratch} s JOIN ${planned.table.quoted} l ON ${sameKey(planned)}
      WHERE NOT (${sameRow(planned)})`,
  );
  return rows[0]?.rows ?? 0;
};
