import type pg from 'pg';
import { RingfenceError } from '../../../core/errors.js';

/** A clinic that rows go into. */
export interface TargetClinic {
  readonly id: string;
  readonly slug: string;
  readonly timeZone: string;
}

type ClinicRow = TargetClinic & { readonly open: boolean; readonly writable: boolean };

/** The clinics of a tenant that take rows now. */
export interface TargetClinics {
  /** @throws RingfenceError clinic_not_found; clinic_inactive; subscription_read_only. */
  get(slug: string): TargetClinic;
}

/** @throws RingfenceError tenant_not_found for a tenant without a clinic in this cell. */
export const readTargetClinics = async (client: pg.ClientBase, tenantId: string): Promise<TargetClinics> => {
  // As `enter` judges them: without a subscription the trial of 14 days runs from the clinic's first day.
  const { rows } = await client.query<ClinicRow>(
    `SELECT c.id, c.slug, c.time_zone AS "timeZone", t.state = 'active' AND c.state = 'active' AS open,
            now() < coalesce(s.writable_until, c.created_at + interval '14 days') AS writable
       FROM ringfence.clinics c
       JOIN ringfence.tenants t ON t.id = c.tenant_id
       LEFT JOIN ringfence_private.subscription_windows s ON s.clinic_id = c.id
      WHERE c.tenant_id = $1 ORDER BY c.slug COLLATE "C"`,
    [tenantId],
  );
  if (rows.length === 0)
    throw new RingfenceError('tenant_not_found', `the tenant ${tenantId} has no clinic in this cell`);
  return {
    get: (slug) => {
      const clinic = rows.find((row) => row.slug === slug);
      if (clinic === undefined) {
        throw new RingfenceError('clinic_not_found', `the tenant has no clinic ${slug}`, {
          fix: `choose from: ${rows.map((row) => row.slug).join(', ')}; an export's clinic is mapped with --clinic <of the export>=<of the tenant>`,
        });
      }
      if (!clinic.open)
        throw new RingfenceError('clinic_inactive', `clinic ${slug} is closed or its tenant suspended`, {
          fix: 'open it again first',
        });
      if (!clinic.writable)
        throw new RingfenceError(
          'subscription_read_only',
          `clinic ${slug} may only read: its subscription is over`,
          {
            fix: 'renew it with `ringfence subscriptions set`',
          },
        );
      return clinic;
    },
  };
};
