import { z } from 'zod';
import { section, wholeNumber } from './primitives.js';

export const PLANS = ['starter', 'growth', 'pro', 'enterprise'] as const;
export type Plan = (typeof PLANS)[number];

/** What a tenant may use. Bytes, rows and requests are of the tenant as a whole, not of a clinic. */
export interface Quotas {
  connections: number;
  statementTimeoutMs: number;
  storageBytes: number;
  rows: number;
  requestsPerMinute: number;
  concurrentUsers: number;
  computeSecondsPerDay: number;
  monthlyCostCapEur: number;
}

const GIB = 1024 ** 3;

const quotas = (
  connections: number,
  timeoutSeconds: number,
  storageGib: number,
  rows: number,
  requestsPerMinute: number,
  concurrentUsers: number,
  computeHoursPerDay: number,
  monthlyCostCapEur: number,
): Quotas => ({
  connections,
  statementTimeoutMs: timeoutSeconds * 1_000,
  storageBytes: storageGib * GIB,
  rows,
  requestsPerMinute,
  concurrentUsers,
  computeSecondsPerDay: computeHoursPerDay * 3_600,
  monthlyCostCapEur,
});

/** The quotas of each plan; a manifest may override any of them. */
export const PLAN_QUOTAS: Readonly<Record<Plan, Readonly<Quotas>>> = {
  starter: quotas(5, 5, 5, 500_000, 300, 10, 1, 50),
  growth: quotas(10, 10, 20, 2_000_000, 1_200, 50, 2, 200),
  pro: quotas(20, 15, 100, 10_000_000, 3_000, 150, 4, 800),
  enterprise: quotas(100, 30, 1_024, 200_000_000, 12_000, 2_000, 24, 8_000),
};

/** Each quota that is left out comes from the plan. */
export const quotaOverrides = section({
  connections: wholeNumber(1, 1_000).optional(),
  statementTimeoutMs: wholeNumber(100, 600_000).optional(),
  storageBytes: wholeNumber(1_048_576, 1_024 ** 5).optional(),
  rows: wholeNumber(1_000, 1_000_000_000_000).optional(),
  requestsPerMinute: wholeNumber(1, 10_000_000).optional(),
  concurrentUsers: wholeNumber(1, 1_000_000).optional(),
  computeSecondsPerDay: wholeNumber(1, 10_000_000).optional(),
  monthlyCostCapEur: z.number().min(1).max(1_000_000).multipleOf(0.01).optional(),
}).prefault({});

/** What each plan promises. */
export const PLAN_SLA: Readonly<
  Record<Plan, { uptimePercent: number; rpoMinutes: number; rtoMinutes: number }>
> = {
  starter: { uptimePercent: 99.5, rpoMinutes: 1_440, rtoMinutes: 480 },
  growth: { uptimePercent: 99.5, rpoMinutes: 1_440, rtoMinutes: 240 },
  pro: { uptimePercent: 99.9, rpoMinutes: 1_440, rtoMinutes: 120 },
  enterprise: { uptimePercent: 99.95, rpoMinutes: 60, rtoMinutes: 60 },
};
