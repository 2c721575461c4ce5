import type pg from 'pg';
import { inTransaction } from '../database/connect.js';
import { readTenantTables } from '../database/tenant-tables.js';

/** Deletes the tenant's rows from every tenant table, its clinics and its row, in one transaction. Idempotent. */
export const withdraw = async (client: pg.Client, tenantId: string): Promise<void> => {
  await inTransaction(client, async () => {
    const tables = await readTenantTables(client);
    for (const table of tables.reverse()) {
      await client.query(
        `DELETE FROM ${table.quoted} WHERE clinic_id IN (SELECT id FROM ringfence.clinics WHERE tenant_id = $1)`,
        [tenantId],
      );
    }
    await client.query('DELETE FROM ringfence.clinics WHERE tenant_id = $1', [tenantId]);
    await client.query('DELETE FROM ringfence.tenants WHERE id = $1', [tenantId]);
  });
};
