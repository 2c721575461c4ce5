import type pg from 'pg';
import type { EnrolledClinic, Enrolment } from './enrolment.js';

/** Looks at the cell: the tenant with its open clinics, or undefined where it is not enrolled or its login is gone. */
export const readEnrolment = async (client: pg.Client, tenantId: string): Promise<Enrolment | undefined> => {
  const tenant = await client.query<{ slug: string; login_role: string }>(
    `SELECT t.slug, t.login_role FROM ringfence.tenants t JOIN pg_roles r ON r.rolname = t.login_role WHERE t.id = $1`,
    [tenantId],
  );
  const row = tenant.rows[0];
  if (!row) return undefined;
  const clinics = await client.query<EnrolledClinic>(
    `SELECT id, slug, name, vertical, time_zone AS "timeZone" FROM ringfence.clinics
      WHERE tenant_id = $1 AND state = 'active' ORDER BY slug`,
    [tenantId],
  );
  return { tenantId, slug: row.slug, loginRole: row.login_role, clinics: clinics.rows };
};
