import { readFileSync } from 'node:fs';
import type pg from 'pg';
import type { EnrolledClinic, Enrolment, Fence } from './enrolment.js';

/** A tenant as it is in its cell. */
export interface FoundEnrolment extends Enrolment {
  readonly state: 'active' | 'suspended' | 'archived';
  /** The person who suspended it; null for a state that nobody asked for. */
  readonly suspendedBy: string | null;
  readonly fence: Fence;
  /** Its own login, where it has one. */
  readonly loginRole: string | null;
}

/** Looks at the cell: the tenant with its open clinics, or undefined where it is not enrolled. */
export const readEnrolment = async (
  client: pg.Client,
  tenantId: string,
): Promise<FoundEnrolment | undefined> => {
  const tenant = await client.query<
    Pick<FoundEnrolment, 'slug' | 'state' | 'suspendedBy' | 'fence' | 'loginRole'>
  >(
    'SELECT slug, state, suspended_by AS "suspendedBy", fence, login_role AS "loginRole" FROM ringfence.tenants WHERE id = $1',
    [tenantId],
  );
  const [row] = tenant.rows;
  if (!row) return undefined;
  const clinics = await client.query<EnrolledClinic>(
    `SELECT id, slug, name, vertical, time_zone AS "timeZone" FROM ringfence.clinics
      WHERE tenant_id = $1 AND state = 'active' ORDER BY slug`,
    [tenantId],
  );
  return { tenantId, ...row, clinics: clinics.rows };
};

const QUERY = readFileSync(new URL('./queries/drifted-tenants.sql', import.meta.url), 'utf8');

/** Ids of the cell's tenants that differ from their deployment. */
export const readDriftedTenants = async (client: pg.ClientBase): Promise<ReadonlySet<string>> =>
  new Set((await client.query<{ id: string }>(QUERY)).rows.map(({ id }) => id));
