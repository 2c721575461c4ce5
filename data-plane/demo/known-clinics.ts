import type pg from 'pg';
import { RingfenceError } from '../../core/errors.js';
import { hours } from '../../manifest/dimensions/hours.js';
import type { Hours } from './calendar.js';

/** A clinic that gets demo data. */
export interface DemoClinic {
  readonly id: string;
  readonly name: string;
  readonly vertical: string;
  readonly timeZone: string;
}

/** The same with what the cell knows about it. */
export interface KnownClinic extends DemoClinic {
  readonly hours: Hours;
}

/**
 * Looks the clinics up in their tenant, in the order given, with the opening hours of their newest configuration,
 * or nine to six from Monday to Friday.
 *
 * @throws RingfenceError tenant_not_found for a clinic that the tenant has not in this cell, or that is closed.
 */
export const readKnownClinics = async (
  client: pg.ClientBase,
  tenantId: string,
  clinics: readonly DemoClinic[],
): Promise<KnownClinic[]> => {
  const { rows } = await client.query<{ id: string; hours: unknown }>(
    `SELECT c.id,
            (SELECT k.config -> 'hours' FROM clinical.clinic_config k
              WHERE k.clinic_id = c.id ORDER BY k.version DESC LIMIT 1) AS hours
       FROM ringfence.clinics c WHERE c.tenant_id = $1 AND c.id = ANY ($2::uuid[]) AND c.state = 'active'`,
    [tenantId, clinics.map(({ id }) => id)],
  );
  return clinics.map((clinic) => {
    const row = rows.find(({ id }) => id === clinic.id);
    if (row === undefined) {
      throw new RingfenceError(
        'tenant_not_found',
        `this tenant has no open clinic ${clinic.id} in this cell`,
        {
          fix: 'onboard the tenant with this clinic first: `ringfence tenants add`',
        },
      );
    }
    return { ...clinic, hours: hoursOf(row.hours, clinic.timeZone) };
  });
};

const hoursOf = (configured: unknown, timeZone: string): Hours => {
  const parsed = hours.safeParse(configured);
  const opens = parsed.success && Object.values(parsed.data.weekly).some((day) => day.length > 0);
  return opens ? parsed.data : hours.parse({ timeZone });
};
