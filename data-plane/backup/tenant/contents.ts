import type pg from 'pg';
import type { ArchiveSection } from '../archive/manifest.js';
import type { OpenArchive } from '../archive/reader.js';
import { refused } from '../archive/refused.js';
import { type BackupTable, readClinicIds } from './catalogue.js';
import { copySection, sectionRows } from './section-rows.js';
import { CLINICS_SECTION, COLUMNS_SECTION, columnsSection } from './sections.js';
import { assertTold, type ComparedColumn, type SchemaChange, shapeOf, type TableShape } from './shape.js';

/** A table of the cell with its rows in a backup. */
export interface BackedUpTable {
  readonly table: BackupTable;
  readonly section: ArchiveSection;
  readonly shape: TableShape;
}

/** The tables of a backup as a cell takes them. */
export interface BackupContents {
  /** The clinics that the backup is of. */
  readonly clinicIds: readonly string[];
  /** In the order of the tables. */
  readonly tables: readonly BackedUpTable[];
  /** Tables that the cell has not any more. */
  readonly gone: readonly ArchiveSection[];
  /** The differences between the backup and the cell now, dropped tables first. */
  readonly changes: readonly SchemaChange[];
}

const CLINICS = 'pg_temp.backup_clinics';
const COLUMNS = 'pg_temp.backup_columns';

/**
 * Reads what an archive has, not yet its rows, and how it fits the cell: by the names of tables and columns.
 *
 * @param client in a transaction that is rolled back or committed soon.
 * @param wanted `schema.table`; a table that the archive has not is left out.
 * @throws RingfenceError backup_refused for sections without their columns, or clinics that are not the tenant's; as
 *   `shapeOf` for wanted tables.
 */
export const openContents = async (
  client: pg.ClientBase,
  archive: OpenArchive,
  tables: readonly BackupTable[],
  wanted: ReadonlySet<string>,
): Promise<BackupContents> => {
  const sections = new Map(archive.manifest.sections.map((section) => [section.name, section]));
  // Takes no effect once a temporary table was used.
  await client.query(`SET LOCAL temp_buffers = '64MB'`);
  const clinicIds = await readClinics(client, archive, sections);
  const columns = await readColumns(client, archive, sections);
  const backedUp: BackedUpTable[] = [];
  for (const table of tables) {
    const section = sections.get(table.name);
    if (section === undefined || !wanted.has(table.name)) continue;
    const shape = await shapeOf(client, table, section, columns.get(table.name) ?? []);
    backedUp.push({ table, section, shape });
  }
  const gone = goneSections(archive, tables);
  for (const section of gone) {
    const told = columns.get(section.name);
    if (told === undefined)
      throw refused(`this cell has no tenant table ${section.name}, and the backup had none`);
    assertTold(section, told);
  }
  const changes = [
    ...gone.map(({ name }): SchemaChange => ({ table: name, column: null, change: 'gone' })),
    ...backedUp.flatMap(({ shape }) => shape.changes),
  ];
  return { clinicIds, tables: backedUp, gone, changes };
};

/** Sections of tables that the cell has not. */
const goneSections = (archive: OpenArchive, tables: readonly BackupTable[]): ArchiveSection[] => {
  const known = new Set([CLINICS_SECTION, COLUMNS_SECTION, ...tables.map(({ name }) => name)]);
  return archive.manifest.sections.filter(({ name }) => !known.has(name));
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

/** The columns of each table, in the backup and in the cell. */
const readColumns = async (
  client: pg.ClientBase,
  archive: OpenArchive,
  sections: ReadonlyMap<string, ArchiveSection>,
): Promise<ReadonlyMap<string, ComparedColumn[]>> => {
  await client.query(
    'CREATE TEMP TABLE backup_columns (table_name text, column_name text, type text) ON COMMIT DROP',
  );
  await load(client, archive, sections.get(COLUMNS_SECTION), COLUMNS);
  const { rows } = await client.query<ComparedColumn>(
    `SELECT table_name AS "table", column_name AS "column", backup.type AS was, cell.type AS is
       FROM ${COLUMNS} AS backup FULL JOIN (${columnsSection.query}) AS cell USING (table_name, column_name)
      ORDER BY table_name COLLATE "C", column_name COLLATE "C"`,
  );
  const columns = new Map<string, ComparedColumn[]>();
  for (const row of rows) columns.set(row.table, [...(columns.get(row.table) ?? []), row]);
  return columns;
};
