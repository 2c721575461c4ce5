import type pg from 'pg';
import type { ArchiveSection } from '../archive/manifest.js';
import type { OpenArchive } from '../archive/reader.js';
import type { BackedUpTable, BackupContents } from './contents.js';
import { fitRows } from './fitted-rows.js';
import { columnList, quoted } from './identifiers.js';
import { asRefused, clinicRows, copySection, INTEGRITY_VIOLATION, type RowFilter } from './section-rows.js';

/** A table of a backup beside the real one, where SQL can compare them. */
export interface ScratchTable extends BackedUpTable {
  /** A temporary table of this transaction with the real table's columns and primary key; quoted. */
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
  return async (backedUp, wanted) => {
    const { table, section, shape } = backedUp;
    const scratch = `pg_temp.backup_${loaded++}`;
    // Of the real table only the columns' types: no constraint, default or trigger runs before the checks.
    await client.query(
      `CREATE TEMP TABLE ${scratch} ON COMMIT DROP AS
         SELECT ${columnList(table.columns)} FROM ${table.quoted} WITH NO DATA`,
    );
    if (shape.changes.length === 0)
      await copySection(client, section, scratch, clinicRows(archive, section, clinicIds, wanted).bytes);
    else {
      const raw = await loadRaw(client, archive, section, clinicIds, shape.readAs);
      await fitRows(client, backedUp, raw, scratch);
      await client.query(`DROP TABLE ${raw}`);
    }
    try {
      await client.query(`ALTER TABLE ${scratch} ADD PRIMARY KEY (${columnList(table.primaryKey)})`);
    } catch (error) {
      throw asRefused(section.name, INTEGRITY_VIOLATION, error);
    }
    // Its size and keys are what the comparison is planned by; sampling sealed texts would take longer than that.
    await client.query(`ANALYZE ${scratch} (${columnList(table.primaryKey)})`);
    return { ...backedUp, scratch };
  };
};

const RAW = 'pg_temp.backup_raw';

/**
 * Loads the rows of a section as they were, whatever the cell has now. All of them: a filter by bytes is made for the
 * types of now.
 *
 * @param readAs SQL types by column; bytes for those that are missing.
 * @returns a temporary table to drop, with the rows in the section's order.
 */
export const loadRaw = async (
  client: pg.ClientBase,
  archive: OpenArchive,
  section: ArchiveSection,
  clinicIds: readonly string[],
  readAs: ReadonlyMap<string, string>,
): Promise<string> => {
  const columns = section.columns.map((column) => `${quoted(column)} ${readAs.get(column) ?? 'bytea'}`);
  await client.query(`CREATE TEMP TABLE ${RAW} (${columns.join(', ')}) ON COMMIT DROP`);
  await copySection(client, section, RAW, clinicRows(archive, section, clinicIds).bytes);
  return RAW;
};
