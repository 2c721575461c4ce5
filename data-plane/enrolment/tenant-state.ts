import type pg from 'pg';
import { inTransaction } from '../database/connect.js';

/** Opens or closes a tenant in its cell and tells its clinics, in one transaction. Nothing is told twice. */
export const setTenantState = (
  client: pg.Client,
  tenantId: string,
  change: { readonly state: 'active' | 'suspended'; readonly reason: string; readonly by: string },
): Promise<void> =>
  inTransaction(client, async () => {
    const changed = await client.query(
      'UPDATE ringfence.tenants SET state = $2 WHERE id = $1 AND state <> $2',
      [tenantId, change.state],
    );
    if (changed.rowCount === 0) return;
    await client.query(
      `INSERT INTO clinical.audit_events (clinic_id, actor, action, subject, detail)
       SELECT id, 'administrator:' || $2, $3, 'tenant', jsonb_build_object('reason', $4::text)
         FROM ringfence.clinics WHERE tenant_id = $1`,
      [tenantId, change.by, change.state === 'active' ? 'resumed' : 'suspended', change.reason],
    );
  });
