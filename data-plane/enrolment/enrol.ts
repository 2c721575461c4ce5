import type pg from 'pg';
import { RingfenceError } from '../../core/errors.js';
import { inTransaction } from '../database/connect.js';
import { endClinicSessions } from './end-sessions.js';
import { AWAY, type Enrolment } from './enrolment.js';
import { admitLogin, sendAway } from './tenant-state.js';

/**
 * Makes the cell hold exactly this tenant: its row and its clinics. Adopts what is there; a clinic that left the manifest is
 * closed, never deleted, and its sessions are ended. One transaction.
 * @param options.isHome open unless somebody suspended it, the default; else nobody gets in, and who is in is sent away.
 */
export const enrol = async (
  client: pg.Client,
  tenant: Enrolment,
  { isHome = true }: { readonly isHome?: boolean } = {},
): Promise<void> => {
  const { closed, hasLogin } = await inTransaction(client, async () => {
    await refuseForeignClinics(client, tenant);
    const enrolled = await client.query<{ hasLogin: boolean }>(
      `INSERT INTO ringfence.tenants AS known (id, slug, state, suspended_by)
       VALUES ($1, $2, CASE WHEN $3 THEN 'active' ELSE 'suspended' END, CASE WHEN NOT $3 THEN $4 END)
       ON CONFLICT (id) DO UPDATE SET slug = excluded.slug,
         state = CASE WHEN NOT $3 THEN 'suspended' WHEN coalesce(known.suspended_by, $4) = $4 THEN 'active' ELSE known.state END,
         suspended_by = CASE WHEN NOT $3 THEN coalesce(known.suspended_by, $4) ELSE nullif(known.suspended_by, $4) END
       RETURNING login_role IS NOT NULL AS "hasLogin"`,
      [tenant.tenantId, tenant.slug, isHome, AWAY],
    );
    const written = await client.query(
      `INSERT INTO ringfence.clinics AS known (id, tenant_id, slug, name, vertical, time_zone, state)
       SELECT id, $1, slug, name, vertical, time_zone, 'active'
         FROM jsonb_to_recordset($2::jsonb) AS wanted (id uuid, slug text, name text, vertical text, time_zone text)
       ON CONFLICT (id) DO UPDATE SET slug = excluded.slug, name = excluded.name, vertical = excluded.vertical,
         time_zone = excluded.time_zone, state = 'active' WHERE known.tenant_id = excluded.tenant_id`,
      [
        tenant.tenantId,
        JSON.stringify(tenant.clinics.map(({ timeZone, ...rest }) => ({ ...rest, time_zone: timeZone }))),
      ],
    );
    // Between the look above and this write another tenant may have got the id.
    if (written.rowCount !== tenant.clinics.length) await refuseForeignClinics(client, tenant);
    // Includes clinics that were closed before: a killed run may not have ended their sessions.
    const left = await client.query<{ id: string }>(
      `UPDATE ringfence.clinics SET state = 'closed' WHERE tenant_id = $1 AND id <> ALL ($2::uuid[]) RETURNING id`,
      [tenant.tenantId, tenant.clinics.map((clinic) => clinic.id)],
    );
    return { closed: left.rows.map(({ id }) => id), hasLogin: enrolled.rows[0]?.hasLogin === true };
  });
  await endClinicSessions(client, closed);
  if (!isHome) await sendAway(client, tenant.tenantId);
  else if (hasLogin) await admitLogin(client, tenant.tenantId);
};

const refuseForeignClinics = async (client: pg.Client, tenant: Enrolment): Promise<void> => {
  const foreign = await client.query<{ id: string }>(
    'SELECT id FROM ringfence.clinics WHERE id = ANY ($1::uuid[]) AND tenant_id <> $2',
    [tenant.clinics.map((clinic) => clinic.id), tenant.tenantId],
  );
  if (foreign.rowCount === 0) return;
  throw new RingfenceError(
    'conflict',
    `clinic id ${foreign.rows[0]?.id} belongs to another tenant of this cell`,
    {
      fix: 'remove the id from the manifest: Ringfence then makes one',
    },
  );
};
