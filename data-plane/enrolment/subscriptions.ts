import type pg from 'pg';
import type { SubscriptionState } from '../../core/lifecycle.js';

/** The present permissions of a clinic's subscription. */
export interface ClinicSubscription {
  readonly clinic: string;
  /** TRIAL where the clinic has no subscription yet: its first 14 days. */
  readonly status: SubscriptionState;
  readonly plan: string | null;
  /** End of the trial, or of the paid period. */
  readonly until: Date | null;
  /** The time until which the database takes writes and reads; null for no end. In the past: no longer. */
  readonly writableUntil: Date | null;
  readonly readableUntil: Date | null;
}

/** Every clinic of a tenant that is not closed, by its slug. */
export const readSubscriptions = async (
  client: pg.ClientBase,
  tenantId: string,
): Promise<ClinicSubscription[]> =>
  (
    await client.query<ClinicSubscription>(
      `SELECT c.slug AS clinic, coalesce(s.status, 'TRIAL') AS status, s.plan,
              CASE WHEN s.status = 'TRIAL' THEN s.trial_ends_at WHEN s.clinic_id IS NULL THEN d.writable_until ELSE s.renews_at END AS until,
              CASE WHEN isfinite(d.writable_until) THEN d.writable_until WHEN d.writable_until < now() THEN to_timestamp(0) END AS "writableUntil",
              CASE WHEN isfinite(d.readable_until) THEN d.readable_until WHEN d.readable_until < now() THEN to_timestamp(0) END AS "readableUntil"
         FROM ringfence.clinics c
         JOIN (SELECT DISTINCT clinic_id, writable_until, readable_until FROM ringfence_private.doors) d ON d.clinic_id = c.id
         LEFT JOIN clinical.subscriptions s ON s.clinic_id = c.id
        WHERE c.tenant_id = $1 AND c.state = 'active' ORDER BY c.slug`,
      [tenantId],
    )
  ).rows;

/** Records the subscription of one clinic. It takes effect from the next transaction on. */
export const putSubscription = async (
  client: pg.ClientBase,
  clinicId: string,
  subscription: { readonly status: SubscriptionState; readonly plan: string; readonly until: Date | null },
): Promise<void> => {
  const { status, plan, until } = subscription;
  await client.query(
    `INSERT INTO clinical.subscriptions AS known (clinic_id, plan, status, trial_ends_at, renews_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (clinic_id) DO UPDATE SET plan = excluded.plan, status = excluded.status,
       trial_ends_at = excluded.trial_ends_at, renews_at = coalesce(excluded.renews_at, known.renews_at)`,
    [clinicId, plan, status, status === 'TRIAL' ? until : null, status === 'TRIAL' ? null : until],
  );
};
