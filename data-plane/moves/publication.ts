import type pg from 'pg';
import { readTenantTables } from '../database/tenant-tables.js';

/** What of a tenant is streamed, as of one cell. */
export interface StreamedTable {
  /** As SQL. */
  readonly quoted: string;
  /** Columns that are written, as SQL. */
  readonly columns: readonly string[];
  /** The condition that its rows are the tenant's, as SQL. Every value in it is a UUID. */
  readonly filter: string;
}

const BESIDE: readonly Pick<StreamedTable, 'quoted' | 'columns'>[] = [
  { quoted: 'ringfence.audit_chain', columns: ['tenant_id', 'seq', 'clinic_id', 'event_id', 'hash'] },
  {
    quoted: 'ringfence_private.ledgers',
    columns: ['tenant_id', 'audit_seq', 'audit_hash', 'rows', 'storage_bytes'],
  },
];

/** Reads what is streamed: every tenant table, the audit chain, the ledger. Parents before the tables that refer to them. */
export const streamedTables = async (
  client: pg.Client,
  { tenantId, clinicIds }: { readonly tenantId: string; readonly clinicIds: readonly string[] },
): Promise<StreamedTable[]> => {
  const ids = clinicIds.map((id) => client.escapeLiteral(id)).join(', ');
  const ofClinics = `clinic_id = ANY (ARRAY[${ids}]::uuid[])`;
  const ofTenant = `tenant_id = ${client.escapeLiteral(tenantId)}::uuid`;
  return [
    ...(await readTenantTables(client)).map(({ quoted, columns }) => ({
      quoted,
      columns: columns.map((column) => client.escapeIdentifier(column)),
      filter: ofClinics,
    })),
    ...BESIDE.map((table) => ({ ...table, filter: ofTenant })),
  ];
};

/** Clinics of a tenant in a cell, closed ones too: their rows move as well. */
export const clinicsIn = async (client: pg.ClientBase, tenantId: string): Promise<string[]> => {
  const { rows } = await client.query<{ id: string }>(
    'SELECT id FROM ringfence.clinics WHERE tenant_id = $1 ORDER BY id',
    [tenantId],
  );
  return rows.map(({ id }) => id);
};

/** Says whether a publication has every table and every clinic of a tenant: some may have come since it was made. */
export const isPublished = async (
  client: pg.ClientBase,
  publication: string,
  tables: readonly StreamedTable[],
  clinicIds: readonly string[],
): Promise<boolean> => {
  const { rows } = await client.query<{ quoted: string; filter: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS quoted, coalesce(pg_get_expr(r.prqual, r.prrelid), '') AS filter
       FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid JOIN pg_class c ON c.oid = r.prrelid
       JOIN pg_namespace n ON n.oid = c.relnamespace WHERE p.pubname = $1`,
    [publication],
  );
  const filters = new Map(rows.map(({ quoted, filter }) => [quoted, filter]));
  return tables.every(({ quoted, filter }) => {
    const known = filters.get(quoted);
    return (
      known !== undefined && (!filter.startsWith('clinic_id') || clinicIds.every((id) => known.includes(id)))
    );
  });
};

/**
 * Publishes a tenant's rows: logical decoding knows no row-level security, so each table has a filter (docs/threats.md 15). TRUNCATE
 * is not published, because no filter holds for it; nobody but an administrator may truncate, and `isRewritten` finds it.
 */
export const publish = async (
  client: pg.Client,
  name: string,
  tenantId: string,
  tables: readonly StreamedTable[],
): Promise<void> => {
  const markers = {
    quoted: 'ringfence_private.move_markers',
    filter: `tenant_id = ${client.escapeLiteral(tenantId)}::uuid`,
  };
  const published = [...tables, markers].map(({ quoted, filter }) => `${quoted} WHERE (${filter})`);
  await client.query(
    `CREATE PUBLICATION ${client.escapeIdentifier(name)} FOR TABLE ${published.join(', ')}
       WITH (publish = 'insert, update, delete', publish_via_partition_root = true)`,
  );
  await client.query(
    'UPDATE ringfence_private.moves SET files = ringfence_private.table_files() WHERE tenant_id = $1',
    [tenantId],
  );
};

/** Says whether tenant tables have been emptied or rewritten since the tenant was published. */
export const isRewritten = async (client: pg.ClientBase, tenantId: string): Promise<boolean> => {
  const { rowCount } = await client.query(
    'SELECT FROM ringfence_private.moves WHERE tenant_id = $1 AND files <> ringfence_private.table_files()',
    [tenantId],
  );
  return rowCount === 1;
};

/** Drops the publications whose names fit. @param pattern for LIKE. Idempotent. */
export const unpublish = async (client: pg.Client, pattern: string): Promise<void> => {
  const { rows } = await client.query<{ name: string }>(
    'SELECT pubname AS name FROM pg_publication WHERE pubname LIKE $1',
    [pattern],
  );
  for (const { name } of rows) await client.query(`DROP PUBLICATION ${client.escapeIdentifier(name)}`);
};
