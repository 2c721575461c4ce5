import { createHash } from 'node:crypto';
import { Cron } from 'croner';

/** A tenant's schedule, and when its last backup began. */
export interface ScheduledTenant {
  readonly tenantId: string;
  readonly slug: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly lastStartedAt: Date | null;
}

const MINUTE_MS = 60_000;

/** Tenants with the same schedule begin over this time, each always at the same minute of it. */
const SPREAD_MINUTES = 20;

/**
 * Which tenants should have begun a backup by now and have not. One that was missed, because no worker ran, is due at
 * once; one missed several times is made up for once.
 */
export const dueBackups = (tenants: readonly ScheduledTenant[], now: Date): ScheduledTenant[] =>
  tenants.filter((tenant) => {
    const delayMs = delayMinutes(tenant.tenantId) * MINUTE_MS;
    const cron = new Cron(tenant.cron, { timezone: tenant.timeZone, paused: true });
    // The pattern's times are looked for before this moment of the tenant's own clock.
    const [due] = cron.previousRuns(1, new Date(now.getTime() - delayMs + 1_000));
    return due !== undefined && (tenant.lastStartedAt === null || tenant.lastStartedAt < due);
  });

/** From 0 to 19, evenly over tenants and the same for one tenant each day. */
export const delayMinutes = (tenantId: string): number =>
  createHash('sha256').update(tenantId).digest().readUInt32BE(0) % SPREAD_MINUTES;
