import type pg from 'pg';
import { QUOTA_NAMES, QUOTAS, type Quotas } from '../../manifest/quotas.js';

const columns = QUOTA_NAMES.map((name) => QUOTAS[name].column);

const PUT = `
  INSERT INTO ringfence.quotas (tenant_id, ${columns.join(', ')})
  VALUES ($1, ${columns.map((_, index) => `$${index + 2}`).join(', ')})
  ON CONFLICT (tenant_id) DO UPDATE SET ${columns.map((column) => `${column} = excluded.${column}`).join(', ')}`;

const READ = `
  SELECT ${QUOTA_NAMES.map((name) => `${QUOTAS[name].column}::float8 AS "${name}"`).join(', ')}
    FROM ringfence.quotas WHERE tenant_id = $1`;

export const putQuota = async (client: pg.Client, tenantId: string, quotas: Quotas): Promise<void> => {
  await client.query(PUT, [tenantId, ...QUOTA_NAMES.map((name) => quotas[name])]);
};

export const readQuota = async (client: pg.Client, tenantId: string): Promise<Quotas | undefined> =>
  (await client.query<Quotas>(READ, [tenantId])).rows[0];

export const deleteQuota = async (client: pg.Client, tenantId: string): Promise<void> => {
  await client.query('DELETE FROM ringfence.quotas WHERE tenant_id = $1', [tenantId]);
};
