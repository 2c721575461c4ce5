import { randomUUID } from 'node:crypto';
import type { ContextKey } from '../../data-plane/access/context-token.js';
import type { Directory } from '../../data-plane/access/directory/directory.js';
import { OPEN_POLICY } from '../../data-plane/access/security-policy.js';
import { type Connection, withConnection } from '../../data-plane/database/connect.js';

/** A tenant with one clinic and its owner. */
export interface PooledTenant {
  readonly tenantId: string;
  readonly clinicId: string;
  readonly userId: string;
  /** One that is valid now. */
  token(): string;
  /** Names of the services that it added and that are saved, as the library said. */
  readonly saved: Set<string>;
}

export const plantPooledTenants = (
  admin: Connection,
  count: number,
  token: (clinicId: string, userId: string) => string,
): Promise<PooledTenant[]> =>
  withConnection(admin, async (client) => {
    const tenants: PooledTenant[] = [];
    for (let at = 0; at < count; at++) {
      const [tenantId, clinicId, userId] = [randomUUID(), randomUUID(), randomUUID()];
      await client.query(
        `INSERT INTO ringfence.tenants (id, slug, state, login_role) VALUES ($1, $2::text, 'active', $2::text)`,
        [tenantId, `pooled-${at}`],
      );
      await client.query(
        `INSERT INTO ringfence.clinics (id, tenant_id, slug, name, vertical, time_zone, state)
         VALUES ($1, $2, 'only', 'only', 'dental', 'UTC', 'active')`,
        [clinicId, tenantId],
      );
      await client.query(
        `INSERT INTO clinical.staff (clinic_id, user_id, full_name, role) VALUES ($1, $2::uuid, $2::text, 'owner')`,
        [clinicId, userId],
      );
      tenants.push({
        tenantId,
        clinicId,
        userId,
        token: renewed(() => token(clinicId, userId)),
        saved: new Set(),
      });
    }
    return tenants;
  });

const RENEWED_AFTER_MS = 10 * 60_000;

/** The same token for ten minutes, then a new one. */
const renewed = (make: () => string): (() => string) => {
  let held = { token: make(), untilMs: Date.now() + RENEWED_AFTER_MS };
  return () => {
    if (Date.now() >= held.untilMs) held = { token: make(), untilMs: Date.now() + RENEWED_AFTER_MS };
    return held.token;
  };
};

export const memoryDirectory = (
  tenants: readonly PooledTenant[],
  connection: Connection,
  contextKey: ContextKey,
): Directory => {
  const cell = { cell: 'pooled', connection, contextKey, pooler: 'transaction', state: 'active' } as const;
  const located = new Map(
    tenants.map(({ tenantId, clinicId }) => [
      clinicId,
      { ...cell, tenantId, clinicId, security: OPEN_POLICY },
    ]),
  );
  return {
    locate: async (clinicId) => located.get(clinicId),
    forget: () => undefined,
    close: async () => undefined,
  };
};
