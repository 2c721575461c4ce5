import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { bringCellUp } from '../control-plane/cells/cells-up.js';
import type { Runtime } from '../control-plane/runtime.js';
import type { ContextKey, ContextSubject } from '../data-plane/access/context-token.js';
import { asApplication } from '../data-plane/database/application-logins.js';
import { type Connection, withConnection } from '../data-plane/database/connect.js';

/** A deployed cell, and its two logins. */
export interface BenchCell {
  readonly name: string;
  readonly admin: Connection;
  readonly app: Connection;
  readonly contextKey: ContextKey;
}

/** A tenant with one clinic and its owner. */
export interface BenchTenant extends Required<Omit<ContextSubject, 'epoch'>> {
  readonly serviceIds: readonly string[];
}

export const openBenchCell = async (runtime: Runtime): Promise<BenchCell> => {
  const { name } = await bringCellUp(runtime, { name: 'bench-cell', tier: 'shared', region: 'eu-central-1' });
  const admin = await runtime.target.adminConnection(name);
  const credentials = runtime.target.credentials(name);
  return { name, admin, app: await asApplication(admin, credentials), contextKey: credentials.contextKey };
};

/** Tenants with so many services each, straight into the tables. */
export const plantTenants = (admin: Connection, tenants: number, services: number): Promise<BenchTenant[]> =>
  withConnection(admin, async (client) => {
    const planted: BenchTenant[] = [];
    for (let n = 0; n < tenants; n++) planted.push(await plantTenant(client, services));
    await client.query('VACUUM ANALYZE clinical.services');
    return planted;
  });

const plantTenant = async (client: pg.ClientBase, services: number): Promise<BenchTenant> => {
  const [tenantId, clinicId, userId] = [randomUUID(), randomUUID(), randomUUID()];
  await client.query(`INSERT INTO ringfence.tenants (id, slug, state) VALUES ($1, $2, 'active')`, [
    tenantId,
    `bench-${tenantId.slice(0, 8)}`,
  ]);
  await client.query(
    `INSERT INTO ringfence.clinics (id, tenant_id, slug, name, vertical, time_zone, state)
     VALUES ($1, $2, 'bench', 'Bench', 'dental', 'Europe/Madrid', 'active')`,
    [clinicId, tenantId],
  );
  await client.query(
    `INSERT INTO clinical.staff (clinic_id, user_id, full_name, role) VALUES ($1, $2, 'Bench', 'owner')`,
    [clinicId, userId],
  );
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO clinical.services (clinic_id, name, duration_minutes)
     SELECT $1, 'service ' || n, 10 * (1 + n % 9) FROM generate_series(1, $2::int) AS n RETURNING id`,
    [clinicId, services],
  );
  return { tenantId, clinicId, userId, serviceIds: rows.map(({ id }) => id) };
};
