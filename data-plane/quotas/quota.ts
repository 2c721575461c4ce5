import type pg from 'pg';
import type { Quotas } from '../../manifest/index.js';

export const putQuota = async (client: pg.Client, tenantId: string, quotas: Quotas): Promise<void> => {
  await client.query(
    `INSERT INTO ringfence.quotas AS known (tenant_id, connections, statement_timeout_ms, storage_bytes, rows,
       requests_per_minute, concurrent_users, compute_seconds_per_day, monthly_cost_cap_eur)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     ON CONFLICT (tenant_id) DO UPDATE SET connections = excluded.connections,
       statement_timeout_ms = excluded.statement_timeout_ms, storage_bytes = excluded.storage_bytes,
       rows = excluded.rows, requests_per_minute = excluded.requests_per_minute,
       concurrent_users = excluded.concurrent_users, compute_seconds_per_day = excluded.compute_seconds_per_day,
       monthly_cost_cap_eur = excluded.monthly_cost_cap_eur`,
    [
      tenantId,
      quotas.connections,
      quotas.statementTimeoutMs,
      quotas.storageBytes,
      quotas.rows,
      quotas.requestsPerMinute,
      quotas.concurrentUsers,
      quotas.computeSecondsPerDay,
      quotas.monthlyCostCapEur,
    ],
  );
};

export const readQuota = async (client: pg.Client, tenantId: string): Promise<Quotas | undefined> => {
  const found = await client.query<Quotas>(
    `SELECT connections, statement_timeout_ms AS "statementTimeoutMs", storage_bytes::float8 AS "storageBytes",
            rows::float8 AS rows, requests_per_minute AS "requestsPerMinute",
            concurrent_users AS "concurrentUsers", compute_seconds_per_day AS "computeSecondsPerDay",
            monthly_cost_cap_eur::float8 AS "monthlyCostCapEur"
       FROM ringfence.quotas WHERE tenant_id = $1`,
    [tenantId],
  );
  return found.rows[0];
};

export const deleteQuota = async (client: pg.Client, tenantId: string): Promise<void> => {
  await client.query('DELETE FROM ringfence.quotas WHERE tenant_id = $1', [tenantId]);
};
