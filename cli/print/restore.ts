import type { Restored } from '../../control-plane/backups/restore-source.js';
import type { RestoreReport } from '../../data-plane/backup/tenant/restore/restore.js';
import type { SchemaChange } from '../../data-plane/backup/tenant/shape.js';
import { table } from './table.js';

/** What a restore in place did, or would do, by table, and where the rows come from. */
export const describeRestore = (report: RestoreReport & Restored): string => {
  const rows = report.tables.map((row) =>
    [row.table, row.inBackup, row.live, row.inserted, row.updated, row.deleted, row.unchanged].map(String),
  );
  const head = ['table', 'in backup', 'live', 'inserted', 'updated', 'deleted', 'unchanged'];
  const fired =
    report.triggers === 'fired'
      ? '; triggers of the tables fired, as this cell lets nobody switch them off'
      : '';
  return `${table(head, rows)}${describeSchemaChanges(report.changes)}${describeSource(report)}${fired}`;
};

/** Rows that were copied elsewhere, or would be, by table, and where they come from. */
export const describeCopy = (
  copy: Restored & {
    readonly tables: readonly { readonly table: string; readonly rows: number; readonly place: string }[];
    readonly changes: readonly SchemaChange[];
  },
  dryRun: boolean,
): string => {
  const rows = copy.tables.map((row) => [row.table, String(row.rows), ...(dryRun ? [] : [row.place])]);
  const head = dryRun ? ['table', 'rows'] : ['table', 'rows', 'copied to'];
  return `${table(head, rows)}${describeSchemaChanges(copy.changes)}${describeSource(copy)}`;
};

/** What the schema has otherwise than the backup, a line each. */
const describeSchemaChanges = (changes: readonly SchemaChange[]): string =>
  changes
    .map(({ table: name, column, change, was, is }) => {
      if (column === null) return `${name} is gone: its rows are left out\n`;
      if (change === 'gone') return `${name}.${column} is gone: left out\n`;
      if (change === 'new') return `${name}.${column} is new: its default, or what is there\n`;
      return `${name}.${column} was ${was} and is ${is}: converted\n`;
    })
    .join('');

/** `backup <id> of <time> with <count> rows`. */
export const describeSource = ({ backupId, takenAt, backupRows }: Restored): string => {
  const rows = backupRows === null ? '' : ` with ${backupRows} rows`;
  return `${backupId ? `backup ${backupId} of` : 'as it was at'} ${takenAt.toISOString()}${rows}`;
};
