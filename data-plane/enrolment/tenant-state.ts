import pg from 'pg';
import type { Caller } from '../../core/caller.js';
import { toldCaller } from '../audit/told-caller.js';
import { inTransaction } from '../database/connect.js';
import { inDefinitionChange } from '../database/definition-change.js';
import { endClinicSessions, endLoginSessions } from './end-sessions.js';

interface StateChange {
  readonly state: 'active' | 'suspended';
  readonly reason: string;
  readonly caller: Caller;
}

/**
 * Opens or closes a tenant in its cell and tells its clinics. What is still under way in a tenant that was closed is ended
 * within END_WITHIN_MS. Closing waits for nothing that a tenant can hold: the state comes first, then sessions are ended, then
 * the login is closed, and the audit event comes last, each committed. What was broken off is told by the next call; nothing
 * is told twice.
 * @throws RingfenceError `timeout` when a session did not end; the tenant is closed all the same.
 */
export const setTenantState = async (
  client: pg.Client,
  tenantId: string,
  change: StateChange,
): Promise<void> => {
  const isOpen = change.state === 'active';
  await recordState(client, tenantId, change);
  try {
    await (isOpen ? admitLogin(client, tenantId) : sendAway(client, tenantId));
  } finally {
    await tellClinics(client, tenantId, change);
  }
};

/** Ends what goes on in a tenant that was closed, within END_WITHIN_MS, and closes its own login. @throws as `setTenantState`. */
export const sendAway = async (client: pg.Client, tenantId: string): Promise<void> => {
  try {
    await endSessions(client, tenantId);
  } finally {
    await admitLogin(client, tenantId);
  }
};

/** Closes a tenant whose home is another cell. @throws as `setTenantState`. */
export const keepAway = async (client: pg.Client, tenantId: string): Promise<void> => {
  await client.query(`UPDATE ringfence.tenants SET fence = 'closed' WHERE id = $1`, [tenantId]);
  await sendAway(client, tenantId);
};

/** Opens or closes the tenant; its clinics are told by the next `setTenantState`. */
export const recordState = async (
  client: pg.Client,
  tenantId: string,
  change: Omit<StateChange, 'reason'>,
): Promise<void> => {
  const suspendedBy = change.state === 'active' ? null : change.caller.who;
  await client.query(
    `UPDATE ringfence.tenants SET state = $2, suspended_by = $3, state_told = false
      WHERE id = $1 AND (state <> $2 OR (suspended_by IS NULL) <> ($3::text IS NULL))`,
    [tenantId, change.state, suspendedBy],
  );
};

const endSessions = async (client: pg.Client, tenantId: string): Promise<void> => {
  const login = await loginOf(client, tenantId);
  if (login !== undefined) await endLoginSessions(client, login.name);
  const { rows } = await client.query<{ id: string }>(
    'SELECT id FROM ringfence.clinics WHERE tenant_id = $1',
    [tenantId],
  );
  await endClinicSessions(
    client,
    rows.map(({ id }) => id),
  );
};

/** The tenant's own login signs in where the tenant is at home and not suspended: without a clinic it could still lock tables. */
export const admitLogin = async (client: pg.Client, tenantId: string): Promise<void> => {
  const login = await loginOf(client, tenantId);
  if (login === undefined || login.signsIn === login.isOpen) return;
  await inDefinitionChange(client, () =>
    client.query(`ALTER ROLE ${pg.escapeIdentifier(login.name)} ${login.isOpen ? 'LOGIN' : 'NOLOGIN'}`),
  );
  if (!login.isOpen) await endLoginSessions(client, login.name);
};

interface Login {
  readonly name: string;
  readonly signsIn: boolean;
  /** The tenant is. */
  readonly isOpen: boolean;
}

const loginOf = async (client: pg.Client, tenantId: string): Promise<Login | undefined> => {
  const { rows } = await client.query<Login>(
    `SELECT r.rolname AS name, r.rolcanlogin AS "signsIn", t.suspended_by IS NULL AND t.fence <> 'closed' AS "isOpen"
       FROM ringfence.tenants t JOIN pg_roles r ON r.rolname = t.login_role WHERE t.id = $1`,
    [tenantId],
  );
  return rows[0];
};

const tellClinics = (client: pg.Client, tenantId: string, change: StateChange): Promise<void> =>
  inTransaction(client, async () => {
    const { rowCount } = await client.query(
      'UPDATE ringfence.tenants SET state_told = true WHERE id = $1 AND NOT state_told',
      [tenantId],
    );
    if (rowCount === 0) return;
    await client.query(
      `INSERT INTO clinical.audit_events (clinic_id, actor, action, subject, detail)
       SELECT id, 'administrator:' || $2, $3, 'tenant', $4
         FROM ringfence.clinics WHERE tenant_id = $1`,
      [
        tenantId,
        change.caller.who,
        change.state === 'active' ? 'resumed' : 'suspended',
        { reason: change.reason, ...toldCaller(change.caller).detail },
      ],
    );
  });
