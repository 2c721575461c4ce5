import pg from 'pg';
import { tableNameSql } from '../../database/table-name.js';
import { type BackupTable, readBackupTables, readClinicIds } from './catalogue.js';
import { columnList, quoted, uuidArray } from './identifiers.js';

/** Names of the sections that describe a backup; no tenant table can be in the schema `ringfence`. */
export const CLINICS_SECTION = 'ringfence.clinics';
export const COLUMNS_SECTION = 'ringfence.columns';

/** A part of a backup: what is read, and under which name it is kept. */
export interface Section {
  readonly name: string;
  readonly columns: readonly string[];
  /** A SELECT without parameters whose rows have an order that no setting of the server changes. */
  readonly query: string;
}

/**
 * The clinics that the backup is of. Ids only: a clinic's name, slug and state come from its tenant's manifest, so a
 * change of them is none of the tenant's data.
 */
const clinicsSection = (tenantId: string): Section => ({
  name: CLINICS_SECTION,
  columns: ['id', 'tenant_id'],
  query: `SELECT id, tenant_id FROM ringfence.clinics WHERE tenant_id = ${pg.escapeLiteral(tenantId)}::uuid ORDER BY id`,
});

const TABLE_NAME = tableNameSql('t.schema_name', 't.table_name');

/** Which columns the tables have, of which types: COPY BINARY would read a timestamp from a date's bytes. */
export const columnsSection: Section = {
  name: COLUMNS_SECTION,
  columns: ['table_name', 'column_name', 'type'],
  query: `SELECT ${TABLE_NAME} AS table_name, a.attname::text AS column_name,
                 format_type(a.atttypid, a.atttypmod) AS type
            FROM ringfence.tenant_tables t
            JOIN pg_namespace n ON n.nspname = t.schema_name
            JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.table_name
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
           ORDER BY (${TABLE_NAME}) COLLATE "C", a.attname::text COLLATE "C"`,
};

/** A table's primary key as ORDER BY; texts by their bytes, because collations differ between servers. */
export const keyOrder = (table: Pick<BackupTable, 'primaryKey' | 'collated'>): string =>
  table.primaryKey
    .map((column) => `${quoted(column)}${table.collated.includes(column) ? ' COLLATE "C"' : ''}`)
    .join(', ');

export const tableSection = (table: BackupTable, clinicIds: readonly string[]): Section => ({
  name: table.name,
  columns: table.columns,
  query: `SELECT ${columnList(table.columns)} FROM ${table.quoted}
           WHERE clinic_id = ANY (${uuidArray(clinicIds)}) ORDER BY ${keyOrder(table)}`,
});

/** Everything that a backup of the tenant holds, in its order: clinics, columns, then tables, parents first. */
export const tenantSections = async (
  client: pg.ClientBase,
  tenantId: string,
): Promise<{ readonly sections: readonly Section[]; readonly tables: readonly BackupTable[] }> => {
  const tables = await readBackupTables(client);
  const clinicIds = await readClinicIds(client, tenantId);
  const ofTables = tables.map((table) => tableSection(table, clinicIds));
  return { tables, sections: [clinicsSection(tenantId), columnsSection, ...ofTables] };
};
