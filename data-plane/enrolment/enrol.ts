import type pg from 'pg';
import { RingfenceError } from '../../core/errors.js';
import { inTransaction } from '../database/connect.js';
import { endClinicSessions } from './end-sessions.js';
import type { Enrolment, Fence } from './enrolment.js';
import { admitLogin, sendAway } from './tenant-state.js';

/**
 * Makes the cell hold exactly this tenant: its row and its clinics. Adopts what is there; a clinic that left the manifest is
 * closed, never deleted, and its sessions are ended. One transaction.
 * @param options.isHome its fence is open, the default; else nobody gets in, and who is in is sent away. While a move is under way, the
 * fence is the move's.
 */
export const enrol = async (
  client: pg.Client,
  tenant: Enrolment,
  { isHome = true }: { readonly isHome?: boolean } = {},
): Promise<void> => {
  const { closed, hasLogin, fence } = await inTransaction(client, async () => {
    await refuseForeignClinics(client, tenant);
    const enrolled = await client.query<{ hasLogin: boolean; fence: Fence }>(
      `INSERT INTO ringfence.tenants AS known (id, slug, state, fence) VALUES ($1, $2, 'active', $3)
       ON CONFLICT (id) DO UPDATE SET slug = excluded.slug,
         state = CASE WHEN known.suspended_by IS NULL THEN 'active' ELSE known.state END,
         fence = CASE WHEN excluded.fence = 'open' AND EXISTS (SELECT FROM ringfence_private.moves m WHERE m.tenant_id = known.id AND m.under_way)
                      THEN known.fence ELSE excluded.fence END
       RETURNING login_role IS NOT NULL AS "hasLogin", fence`,
      [tenant.tenantId, tenant.slug, isHome ? 'open' : 'closed'],
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
    const { hasLogin = false, fence = 'open' } = enrolled.rows[0] ?? {};
    return { closed: left.rows.map(({ id }) => id), hasLogin, fence };
  });
  await endClinicSessions(client, closed);
  if (fence === 'closed') await sendAway(client, tenant.tenantId);
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
