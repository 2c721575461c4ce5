import { createHash } from 'node:crypto';
import { Cron } from 'croner';

/** A tenant's schedule, and the start of its last backup. */
export interface ScheduledTenant {
  readonly tenantId: string;
  readonly slug: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly lastStartedAt: Date | null;
}

const MINUTE_MS = 60_000;

/** Spreads the tenants of one schedule over this time. Each tenant always begins at the same minute of it. */
const SPREAD_MINUTES = 20;

/**
 * Returns the tenants whose backup should have begun by now. A backup that was missed while no worker ran is due at once.
 * Several missed ones are made up for by one.
 */
export const dueBackups = (tenants: readonly ScheduledTenant[], now: Date): ScheduledTenant[] =>
  tenants.filter((tenant) => {
    const delayMs = delayMinutes(tenant.tenantId) * MINUTE_MS;
    const cron = new Cron(tenant.cron, { timezone: tenant.timeZone, paused: true });
    // Looks for times of the pattern before this moment of the tenant's own clock.
    const [due] = cron.previousRuns(1, new Date(now.getTime() - delayMs + 1_000));
    return due !== undefined && (tenant.lastStartedAt === null || tenant.lastStartedAt < due);
  });

/** From 0 to 19, evenly over tenants and the same for one tenant each day. */
export const delayMinutes = (tenantId: string): number =>
  createHash('sha256').update(tenantId).digest().readUInt32BE(0) % SPREAD_MINUTES;
