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

/**
 * Publishes a tenant's rows: logical decoding knows no row-level security, so each table has a filter (docs/threats.md 15). TRUNCATE
 * is not published, because no filter holds for it; nobody but an administrator may truncate.
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
};

/** Drops the publications whose names fit. @param pattern for LIKE. Idempotent. */
export const unpublish = async (client: pg.Client, pattern: string): Promise<void> => {
  const { rows } = await client.query<{ name: string }>(
    'SELECT pubname AS name FROM pg_publication WHERE pubname LIKE $1',
    [pattern],
  );
  for (const { name } of rows) await client.query(`DROP PUBLICATION ${client.escapeIdentifier(name)}`);
};
