import type pg from 'pg';
import type { Caller } from '../../core/caller.js';
import { RingfenceError } from '../../core/errors.js';
import { toldCaller } from '../audit/told-caller.js';
import { inTransaction } from '../database/connect.js';
import { endClinicSessions } from '../enrolment/end-sessions.js';

/** A super admin's access to one tenant: read-only, for a reason and a time, and told to every clinic of it. */
export interface SupportGrant {
  readonly id: string;
  readonly userId: string;
  readonly reason: string;
  readonly grantedBy: string;
  readonly grantedAt: Date;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
}

const COLUMNS = `id, user_id AS "userId", reason, granted_by AS "grantedBy", granted_at AS "grantedAt",
  expires_at AS "expiresAt", revoked_at AS "revokedAt"`;

/** A change of a grant, and its caller. */
interface Told {
  readonly what: 'granted' | 'revoked';
  readonly caller: Caller;
}

const tellClinics = async (
  client: pg.Client,
  tenantId: string,
  grant: SupportGrant,
  { what, caller }: Told,
): Promise<void> => {
  const { who, detail } = toldCaller(caller);
  await client.query(
    `INSERT INTO clinical.audit_events (clinic_id, actor, action, subject, detail)
     SELECT c.id, 'administrator:' || $2, 'support', $3, jsonb_build_object('grant', $4::text, 'reason', $5::text) || $7
       FROM ringfence.clinics c WHERE c.tenant_id = $1
        AND NOT EXISTS (SELECT FROM clinical.audit_events e
                         WHERE e.clinic_id = c.id AND e.action = 'support' AND e.subject = $3 AND e.detail ->> 'grant' = $4::text
                           AND e.at >= $6::timestamptz - interval '1 minute')`,
    [tenantId, who, what, grant.id, grant.reason, grant.grantedAt, detail],
  );
};

/** Grants and tells the clinics, in one transaction. At most eight hours; a reason of at least ten characters. */
export const grantSupport = (
  client: pg.Client,
  tenantId: string,
  request: {
    readonly userId: string;
    readonly reason: string;
    readonly caller: Caller;
    readonly minutes: number;
  },
): Promise<SupportGrant> => {
  if (request.reason.trim().length < 10)
    throw new RingfenceError('usage', 'support access needs a reason that the clinic can read', {
      fix: 'give at least ten characters, such as the number and subject of a ticket',
    });
  if (!(request.minutes >= 1 && request.minutes <= 480))
    throw new RingfenceError('usage', 'support access lasts from 1 to 480 minutes');
  return inTransaction(client, async () => {
    const { rows } = await client.query<SupportGrant>(
      `INSERT INTO ringfence.support_grants (tenant_id, user_id, reason, granted_by, expires_at)
       VALUES ($1, $2, $3, $4, now() + make_interval(mins => $5)) RETURNING ${COLUMNS}`,
      [tenantId, request.userId, request.reason, request.caller.who, request.minutes],
    );
    const grant = rows[0] as SupportGrant;
    await tellClinics(client, tenantId, grant, { what: 'granted', caller: request.caller });
    return grant;
  });
};

/** Every grant of a tenant, newest first. */
export const listSupport = async (client: pg.Client, tenantId: string): Promise<SupportGrant[]> =>
  (
    await client.query<SupportGrant>(
      `SELECT ${COLUMNS} FROM ringfence.support_grants WHERE tenant_id = $1 ORDER BY granted_at DESC`,
      [tenantId],
    )
  ).rows;

/**
 * Ends a grant and what is under way by it at once, and then tells the clinics: the end waits for nothing that a session
 * holds. What was broken off is told by the next call; nothing is told twice. @throws RingfenceError `grant_not_found`.
 */
export const revokeSupport = async (
  client: pg.Client,
  tenantId: string,
  grantId: string,
  caller: Caller,
): Promise<SupportGrant> => {
  const grant = await recordRevocation(client, tenantId, grantId);
  const { rows } = await client.query<{ id: string }>(
    'SELECT id FROM ringfence.clinics WHERE tenant_id = $1',
    [tenantId],
  );
  const clinicIds = rows.map(({ id }) => id);
  await endClinicSessions(client, clinicIds, { graceMs: 0, userId: grant.userId });
  await tellClinics(client, tenantId, grant, { what: 'revoked', caller });
  return grant;
};

const recordRevocation = async (
  client: pg.Client,
  tenantId: string,
  grantId: string,
): Promise<SupportGrant> => {
  const { rows } = await client.query<SupportGrant>(
    `UPDATE ringfence.support_grants SET revoked_at = coalesce(revoked_at, now())
      WHERE tenant_id = $1 AND id::text = $2 RETURNING ${COLUMNS}`,
    [tenantId, grantId],
  );
  const [grant] = rows;
  if (!grant)
    throw new RingfenceError('grant_not_found', `there is no support grant ${grantId} of this tenant`, {
      fix: 'list them with `ringfence support list <tenant>`',
    });
  return grant;
};
