import type pg from 'pg';
import { RingfenceError } from '../../tenants/errors.js';
import { inTransaction } from '../database/connect.js';
import { scramVerifier } from '../database/scram.js';
import type { Enrolment } from './enrolment.js';
import { grantTenantRights } from './tenant-rights.js';

/**
 * Makes the cell hold exactly this tenant: its row, its clinics, its login's password and membership.
 * Adopts what is there; a clinic that left the manifest is closed, never deleted. One transaction.
 */
export const enrol = async (client: pg.Client, tenant: Enrolment, loginPassword: string): Promise<void> => {
  await inTransaction(client, async () => {
    await refuseForeignClinics(client, tenant);
    await client.query(
      `INSERT INTO ringfence.tenants AS known (id, slug, state, login_role) VALUES ($1, $2, 'active', $3)
       ON CONFLICT (id) DO UPDATE SET slug = excluded.slug, login_role = excluded.login_role`,
      [tenant.tenantId, tenant.slug, tenant.loginRole],
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
    await client.query(
      `UPDATE ringfence.clinics SET state = 'closed' WHERE tenant_id = $1 AND id <> ALL ($2::uuid[])`,
      [tenant.tenantId, tenant.clinics.map((clinic) => clinic.id)],
    );
    await grantLogin(client, tenant.loginRole, loginPassword);
  });
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

const grantLogin = async (client: pg.Client, loginRole: string, password: string): Promise<void> => {
  const role = client.escapeIdentifier(loginRole);
  await client.query(`ALTER ROLE ${role} PASSWORD ${client.escapeLiteral(scramVerifier(password))}`);
  await grantTenantRights(client, loginRole);
};
