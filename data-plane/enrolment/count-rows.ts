import type pg from 'pg';
import { readTenantTables } from '../database/tenant-tables.js';
import type { Fence } from './enrolment.js';

export interface TenantRows {
  readonly id: string;
  readonly slug: string;
  readonly state: string;
  readonly fence: Fence;
  readonly epoch: number;
  /** In all tenant tables. */
  readonly rows: number;
}

/** Every tenant of a cell with its rows, by slug. @param client of an administrator whom row-level security does not bind. */
export const countTenantRows = async (client: pg.ClientBase): Promise<TenantRows[]> => {
  const tables = await readTenantTables(client);
  const counts = tables.map(({ quoted }) => `SELECT clinic_id, count(*) AS rows FROM ${quoted} GROUP BY 1`);
  const { rows } = await client.query<TenantRows>(
    `SELECT t.id, t.slug, t.state, t.fence, t.epoch, coalesce(sum(n.rows), 0)::float8 AS rows
       FROM ringfence.tenants t
       LEFT JOIN ringfence.clinics c ON c.tenant_id = t.id
       LEFT JOIN (${counts.join(' UNION ALL ') || 'SELECT NULL::uuid, 0'}) n (clinic_id, rows) ON n.clinic_id = c.id
      GROUP BY t.id ORDER BY t.slug`,
  );
  return rows;
};
