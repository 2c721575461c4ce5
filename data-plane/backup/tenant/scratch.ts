import type pg from 'pg';
import type { OpenArchive } from '../archive/reader.js';
import type { BackedUpTable, BackupContents } from './contents.js';
import { columnList } from './identifiers.js';
import { asRefused, clinicRows, copySection, INTEGRITY_VIOLATION, type RowFilter } from './section-rows.js';

/** A table of a backup beside the real one, where SQL can compare them. */
export interface ScratchTable extends BackedUpTable {
  /** A temporary table of this transaction with the section's columns and the real table's primary key; quoted. */
  readonly scratch: string;
}

/** Loads one table, or those of its rows that are wanted. */
export type ScratchLoader = (table: BackedUpTable, wanted?: RowFilter) => Promise<ScratchTable>;

/**
 * Loads tables of an archive into temporary tables that end with the transaction, so that a crash leaves nothing, no
 * role but this connection's ever sees them, and nothing of them is written to the log. Every row, wanted or not, is
 * checked to be of a clinic of the backup.
 *
 * @param client in a transaction that is rolled back or committed soon.
 * @returns a loader, which throws RingfenceError backup_refused for keys that are there twice, or anything else that
 *   does not load.
 */
export const scratchLoader = (
  client: pg.ClientBase,
  archive: OpenArchive,
  { clinicIds }: BackupContents,
): ScratchLoader => {
  let loaded = 0;
  return async ({ table, section }, wanted) => {
    const scratch = `pg_temp.backup_${loaded++}`;
    // Of the real table only the columns' types: no constraint, default or trigger runs before the checks.
    await client.query(
      `CREATE TEMP TABLE ${scratch} ON COMMIT DROP AS
         SELECT ${columnList(section.columns)} FROM ${table.quoted} WITH NO DATA`,
    );
    await copySection(client, section, scratch, clinicRows(archive, section, clinicIds, wanted).bytes);
    try {
      await client.query(`ALTER TABLE ${scratch} ADD PRIMARY KEY (${columnList(table.primaryKey)})`);
    } catch (error) {
      throw asRefused(section.name, INTEGRITY_VIOLATION, error);
    }
    // Its size and keys are what the comparison is planned by; sampling sealed texts would take longer than that.
    await client.query(`ANALYZE ${scratch} (${columnList(table.primaryKey)})`);
    return { table, section, scratch };
  };
};
