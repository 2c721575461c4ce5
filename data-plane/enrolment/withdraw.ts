import type pg from 'pg';
import { dropSchemaCopies } from '../backup/tenant/restore/to-schema.js';
import { inTransaction } from '../database/connect.js';
import { readTenantTables, type TenantTable } from '../database/tenant-tables.js';

const AUDIT_LOG = 'clinical.audit_events';

/**
 * Deletes the tenant's rows from every tenant table, its clinics and its row, and drops the copies of its rows that
 * restores made, in one transaction. Idempotent. The audit log goes last: each of the other deletions adds to it.
 */
export const withdraw = async (client: pg.Client, tenantId: string): Promise<void> => {
  await inTransaction(client, async () => {
    await dropSchemaCopies(client, tenantId);
    const tables = (await readTenantTables(client)).reverse();
    const isLog = (table: TenantTable) => table.name === AUDIT_LOG;
    for (const table of [...tables.filter((one) => !isLog(one)), ...tables.filter(isLog)]) {
      await client.query(
        `DELETE FROM ${table.quoted} WHERE clinic_id IN (SELECT id FROM ringfence.clinics WHERE tenant_id = $1)`,
        [tenantId],
      );
    }
    await client.query('DELETE FROM ringfence.clinics WHERE tenant_id = $1', [tenantId]);
    await client.query('DELETE FROM ringfence.tenants WHERE id = $1', [tenantId]);
  });
};
