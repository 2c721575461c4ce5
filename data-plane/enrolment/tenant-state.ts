import pg from 'pg';
import { inTransaction } from '../database/connect.js';
import { endClinicSessions, endLoginSessions } from './end-sessions.js';

interface StateChange {
  readonly state: 'active' | 'suspended';
  readonly reason: string;
  readonly by: string;
}

/**
 * Opens or closes a tenant in its cell and tells its clinics, in one transaction. Nothing is told twice. What is still
 * under way in a tenant that was closed is ended within END_WITHIN_MS.
 */
export const setTenantState = async (
  client: pg.Client,
  tenantId: string,
  change: StateChange,
): Promise<void> => {
  await inTransaction(client, async () => {
    await recordChange(client, tenantId, change);
    await admitLogin(client, tenantId, change.state === 'active');
  });
  if (change.state === 'active') return;
  const { rows } = await client.query<{ id: string; login: string | null }>(
    `SELECT c.id, t.login_role AS login FROM ringfence.clinics c JOIN ringfence.tenants t ON t.id = c.tenant_id
      WHERE t.id = $1`,
    [tenantId],
  );
  const login = rows[0]?.login;
  if (login) await endLoginSessions(client, login);
  await endClinicSessions(
    client,
    rows.map(({ id }) => id),
  );
};

/** The tenant's own login signs in while the tenant is open: without a clinic it could still lock tables. */
const admitLogin = async (client: pg.Client, tenantId: string, mayLogIn: boolean): Promise<void> => {
  const { rows } = await client.query<{ login: string }>(
    `SELECT t.login_role AS login FROM ringfence.tenants t JOIN pg_roles r ON r.rolname = t.login_role WHERE t.id = $1`,
    [tenantId],
  );
  for (const { login } of rows)
    await client.query(`ALTER ROLE ${pg.escapeIdentifier(login)} ${mayLogIn ? 'LOGIN' : 'NOLOGIN'}`);
};

const recordChange = async (client: pg.Client, tenantId: string, change: StateChange): Promise<void> => {
  const suspendedBy = change.state === 'active' ? null : change.by;
  const { rowCount } = await client.query(
    `UPDATE ringfence.tenants SET state = $2, suspended_by = $3
      WHERE id = $1 AND (state <> $2 OR (suspended_by IS NULL) <> ($3::text IS NULL))`,
    [tenantId, change.state, suspendedBy],
  );
  if (rowCount === 0) return;
  await client.query(
    `INSERT INTO clinical.audit_events (clinic_id, actor, action, subject, detail)
     SELECT id, 'administrator:' || $2, $3, 'tenant', jsonb_build_object('reason', $4::text)
       FROM ringfence.clinics WHERE tenant_id = $1`,
    [tenantId, change.by, change.state === 'active' ? 'resumed' : 'suspended', change.reason],
  );
};
