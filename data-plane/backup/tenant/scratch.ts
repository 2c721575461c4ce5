import pg from 'pg';
import type { ArchiveSection } from '../archive/manifest.js';
import type { OpenArchive } from '../archive/reader.js';
import { refused } from '../archive/refused.js';
import { type BackupTable, type Catalogue, readClinicIds } from './catalogue.js';
import { copyIn } from './copy.js';
import { columnList, uuidArray } from './identifiers.js';
import { CLINICS_SECTION, COLUMNS_SECTION, columnsSection } from './sections.js';

/** A table of a backup, loaded beside the real one. */
export interface ScratchTable {
  readonly table: BackupTable;
  readonly section: ArchiveSection;
  /** A temporary table of this transaction with the section's columns and the real table's primary key; quoted. */
  readonly scratch: string;
}

/** A backup in the database, where SQL can compare it with what is there. */
export interface Scratch {
  /** The clinics that the backup is of. */
  readonly clinicIds: readonly string[];
  /** In the catalogue's order. */
  readonly tables: readonly ScratchTable[];
}

const CLINICS = 'pg_temp.backup_clinics';
const COLUMNS = 'pg_temp.backup_columns';

/**
 * Loads tables of an archive into temporary tables that end with the transaction, so that a crash leaves nothing, no
 * role but this connection's ever sees them, and nothing of them is written to the log. Every row is checked to be of
 * one of the tenant's clinics.
 *
 * @param client in a transaction that is rolled back or committed soon.
 * @param wanted `schema.table`; a table that the archive has not is left out.
 * @throws RingfenceError backup_refused for unknown tables (wanted or not), columns or types that differ from the
 *   cell's, clinics that are not the tenant's, keys that are there twice, or anything else that does not load.
 */
export const loadScratch = async (
  client: pg.ClientBase,
  archive: OpenArchive,
  catalogue: Catalogue,
  wanted: ReadonlySet<string>,
): Promise<Scratch> => {
  const sections = new Map(archive.manifest.sections.map((section) => [section.name, section]));
  assertKnown(sections, catalogue);
  await client.query(`SET LOCAL temp_buffers = '64MB'`);
  const clinicIds = await loadClinics(client, archive, sections);
  const tables = catalogue.tables.flatMap((table, at) => {
    const section = sections.get(table.name);
    const scratch = `pg_temp.${pg.escapeIdentifier(`backup_${at}`)}`;
    return section !== undefined && wanted.has(table.name) ? [{ table, section, scratch }] : [];
  });
  await assertSameColumns(client, archive, sections, tables);
  for (const table of tables) await loadTable(client, archive, table, clinicIds);
  return { clinicIds, tables };
};

const assertKnown = (sections: ReadonlyMap<string, ArchiveSection>, catalogue: Catalogue): void => {
  const known = new Set([CLINICS_SECTION, COLUMNS_SECTION, ...catalogue.tables.map(({ name }) => name)]);
  const unknown = [...sections.keys()].filter((name) => !known.has(name));
  if (unknown.length > 0) throw refused(`this cell has no tenant table ${unknown.join(', ')}`);
};

const load = async (
  client: pg.ClientBase,
  archive: OpenArchive,
  section: ArchiveSection | undefined,
  scratch: string,
): Promise<void> => {
  if (section === undefined) throw refused('it does not say which clinics and columns it has');
  let rows: number;
  try {
    rows = await copyIn(client, `${scratch} (${columnList(section.columns)})`, archive.section(section.name));
  } catch (error) {
    throw unloadable(section.name, error);
  }
  if (rows !== section.rows)
    throw refused(`section ${section.name} has ${rows} rows, not ${section.rows} as its manifest says`);
};

const loadClinics = async (
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
  tables: readonly ScratchTable[],
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

const loadTable = async (
  client: pg.ClientBase,
  archive: OpenArchive,
  { table, section, scratch }: ScratchTable,
  clinicIds: readonly string[],
): Promise<void> => {
  // Of the real table only the columns' types: no constraint, default or trigger runs before the checks.
  await client.query(
    `CREATE TEMP TABLE ${scratch} ON COMMIT DROP AS
       SELECT ${columnList(section.columns)} FROM ${table.quoted} WITH NO DATA`,
  );
  await load(client, archive, section, scratch);
  const foreign = await client.query(
    `SELECT FROM ${scratch} WHERE (clinic_id = ANY (${uuidArray(clinicIds)})) IS NOT TRUE LIMIT 1`,
  );
  if (foreign.rowCount !== 0) throw refused(`section ${table.name} has rows of a clinic that it is not of`);
  try {
    await client.query(`ALTER TABLE ${scratch} ADD PRIMARY KEY (${columnList(table.primaryKey)})`);
  } catch (error) {
    throw unloadable(section.name, error);
  }
  // Its size and keys are what the comparison is planned by; sampling sealed texts would take longer than that.
  await client.query(`ANALYZE ${scratch} (${columnList(table.primaryKey)})`);
};

/** SQLSTATE classes 22 (data exception) and 23 (integrity violation) are the archive's fault; the rest is not. */
const unloadable = (section: string, error: unknown): unknown =>
  error instanceof pg.DatabaseError && /^2[23]/.test(error.code ?? '')
    ? refused(`section ${section} does not load`, error)
    : error;
