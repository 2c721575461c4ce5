import type pg from 'pg';
import type { ArchiveSection } from '../archive/manifest.js';
import type { OpenArchive } from '../archive/reader.js';
import { refused } from '../archive/refused.js';
import { type BackupTable, readClinicIds } from './catalogue.js';
import { copySection, sectionRows } from './section-rows.js';
import { CLINICS_SECTION, COLUMNS_SECTION, columnsSection } from './sections.js';

/** A table of the cell with its rows in a backup. */
export interface BackedUpTable {
  readonly table: BackupTable;
  readonly section: ArchiveSection;
}

/** What a backup has for a cell. */
export interface BackupContents {
  /** The clinics that the backup is of. */
  readonly clinicIds: readonly string[];
  /** In the order of the tables. */
  readonly tables: readonly BackedUpTable[];
}

const CLINICS = 'pg_temp.backup_clinics';
const COLUMNS = 'pg_temp.backup_columns';

/**
 * Reads what an archive has, not yet its rows, and checks that it fits the cell.
 *
 * @param client in a transaction that is rolled back or committed soon.
 * @param wanted `schema.table`; a table that the archive has not is left out.
 * @throws RingfenceError backup_refused for unknown tables (wanted or not), columns or types that differ from the
 *   cell's, or clinics that are not the tenant's.
 */
export const openContents = async (
  client: pg.ClientBase,
  archive: OpenArchive,
  tables: readonly BackupTable[],
  wanted: ReadonlySet<string>,
): Promise<BackupContents> => {
  const sections = new Map(archive.manifest.sections.map((section) => [section.name, section]));
  assertKnown(sections, tables);
  // Takes no effect once a temporary table was used.
  await client.query(`SET LOCAL temp_buffers = '64MB'`);
  const clinicIds = await readClinics(client, archive, sections);
  const backedUp = tables.flatMap((table) => {
    const section = sections.get(table.name);
    return section !== undefined && wanted.has(table.name) ? [{ table, section }] : [];
  });
  await assertSameColumns(client, archive, sections, backedUp);
  return { clinicIds, tables: backedUp };
};

const assertKnown = (sections: ReadonlyMap<string, ArchiveSection>, tables: readonly BackupTable[]): void => {
  const known = new Set([CLINICS_SECTION, COLUMNS_SECTION, ...tables.map(({ name }) => name)]);
  const unknown = [...sections.keys()].filter((name) => !known.has(name));
  if (unknown.length > 0) throw refused(`this cell has no tenant table ${unknown.join(', ')}`);
};

const load = async (
  client: pg.ClientBase,
  archive: OpenArchive,
  section: ArchiveSection | undefined,
  target: string,
): Promise<void> => {
  if (section === undefined) throw refused('it does not say which clinics and columns it has');
  await copySection(client, section, target, sectionRows(archive, section));
};

const readClinics = async (
  client: pg.ClientBase,
  archive: OpenArchive,
  sections: ReadonlyMap<string, ArchiveSection>,
): Promise<string[]> => {
  const { tenantId } = archive.header;
  await client.query(`CREATE TEMP TABLE backup_clinics (id uuid, tenant_id uuid) ON COMMIT DROP`);
  await load(client, archive, sections.get(CLINICS_SECTION), CLINICS);
  const { rows } = await client.query<{ id: string | null; own: boolean }>(
    `SELECT id, tenant_id IS NOT DISTINCT FROM $1 AS own FROM ${CLINICS}`,
    [tenantId],
  );
  const known = new Set(await readClinicIds(client, tenantId));
  const ids = rows.map(({ id, own }) => {
    if (id === null || !own) throw refused('it has a clinic of another tenant');
    if (!known.has(id)) throw refused(`the clinic ${id} is not one of this tenant’s clinics in this cell`);
    return id;
  });
  return ids.sort();
};

const assertSameColumns = async (
  client: pg.ClientBase,
  archive: OpenArchive,
  sections: ReadonlyMap<string, ArchiveSection>,
  tables: readonly BackedUpTable[],
): Promise<void> => {
  await client.query(
    'CREATE TEMP TABLE backup_columns (table_name text, column_name text, type text) ON COMMIT DROP',
  );
  await load(client, archive, sections.get(COLUMNS_SECTION), COLUMNS);
  const { rows } = await client.query<{ differing: string }>(
    `SELECT format('%s.%s (%s in the backup, %s in the cell)', table_name, column_name,
                   coalesce(backup.type, 'absent'), coalesce(cell.type, 'absent')) AS differing
       FROM ${COLUMNS} AS backup FULL JOIN (${columnsSection.query}) AS cell USING (table_name, column_name)
      WHERE table_name = ANY ($1) AND backup.type IS DISTINCT FROM cell.type ORDER BY 1`,
    [tables.map(({ table }) => table.name)],
  );
  if (rows.length > 0) throw refused(`columns differ: ${rows.map(({ differing }) => differing).join('; ')}`);
  for (const { table, section } of tables) {
    if ([...section.columns].sort().join() !== [...table.columns].sort().join())
      throw refused(`section ${table.name} has not the columns of its table`);
  }
};
