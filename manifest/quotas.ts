import { z } from 'zod';
import type { Plan } from './plans.js';
import { section, wholeNumber } from './primitives.js';

/** One limit of a tenant. It is of the tenant as a whole, not of a clinic. */
export interface Quota {
  readonly description: string;
  /** Its column of `ringfence.quotas` in the tenant's cell. */
  readonly column: string;
  /** What stands above its numbers in a table of tenants. */
  readonly heading: string;
  /** What stands above its limits where the wizard compares plans; null where it does not compare this one. */
  readonly comparedAs: string | null;
  /** The smallest and the largest number that a manifest may set. */
  readonly range: readonly [number, number];
  /** Whole numbers, but for euros, which have cents. */
  readonly unit: 'count' | 'ms' | 's' | 'bytes' | 'EUR';
  readonly byPlan: Readonly<Record<Plan, number>>;
  /** Whether what is used of it is measured (data-plane/quotas/usage.sql). */
  readonly measured: boolean;
  /** When what was used is free again. */
  readonly freeAgain: string;
}

const GIB = 1024 ** 3;

/** Every quota, in the order of tables. A new one is added here, and its column in a migration of the cell. */
export const QUOTAS = {
  connections: {
    description: "Connections of the tenant's own login that are open at once.",
    column: 'connections',
    heading: 'connections',
    comparedAs: null,
    range: [1, 1_000],
    unit: 'count',
    byPlan: { starter: 5, growth: 10, pro: 20, enterprise: 100 },
    measured: true,
    freeAgain: 'as they close',
  },
  statementTimeoutMs: {
    description: "How long a statement of the tenant's own login may take.",
    column: 'statement_timeout_ms',
    heading: 'statement ms',
    comparedAs: null,
    range: [100, 600_000],
    unit: 'ms',
    byPlan: { starter: 5_000, growth: 10_000, pro: 15_000, enterprise: 30_000 },
    measured: false,
    freeAgain: 'each statement',
  },
  storageBytes: {
    description: 'Bytes of all rows.',
    column: 'storage_bytes',
    heading: 'storage bytes',
    comparedAs: 'storage',
    range: [1_048_576, 1_024 ** 5],
    unit: 'bytes',
    byPlan: { starter: 5 * GIB, growth: 20 * GIB, pro: 100 * GIB, enterprise: 1_024 * GIB },
    measured: true,
    freeAgain: 'by deleting',
  },
  rows: {
    description: 'Rows of all tables.',
    column: 'rows',
    heading: 'rows',
    comparedAs: 'rows',
    range: [1_000, 1_000_000_000_000],
    unit: 'count',
    byPlan: { starter: 500_000, growth: 2_000_000, pro: 10_000_000, enterprise: 200_000_000 },
    measured: true,
    freeAgain: 'by deleting',
  },
  requestsPerMinute: {
    description: 'Requests of applications in a minute.',
    column: 'requests_per_minute',
    heading: 'requests/min',
    comparedAs: 'requests/min',
    range: [1, 10_000_000],
    unit: 'count',
    byPlan: { starter: 300, growth: 1_200, pro: 3_000, enterprise: 12_000 },
    measured: true,
    freeAgain: 'each minute',
  },
  concurrentUsers: {
    description: 'Users with a request in the last 5 minutes.',
    column: 'concurrent_users',
    heading: 'users',
    comparedAs: 'users',
    range: [1, 1_000_000],
    unit: 'count',
    byPlan: { starter: 10, growth: 50, pro: 150, enterprise: 2_000 },
    measured: true,
    freeAgain: '5 minutes after their last request',
  },
  computeSecondsPerDay: {
    description: "Seconds of the database's time in a day (UTC).",
    column: 'compute_seconds_per_day',
    heading: 'compute s/day',
    comparedAs: null,
    range: [1, 10_000_000],
    unit: 's',
    byPlan: { starter: 3_600, growth: 7_200, pro: 14_400, enterprise: 86_400 },
    measured: true,
    freeAgain: 'each day (UTC)',
  },
  monthlyCostCapEur: {
    description: 'What the tenant may cost its operator in a month (UTC).',
    column: 'monthly_cost_cap_eur',
    heading: 'EUR/month',
    comparedAs: 'cost cap',
    range: [1, 1_000_000],
    unit: 'EUR',
    byPlan: { starter: 50, growth: 200, pro: 800, enterprise: 8_000 },
    measured: true,
    freeAgain: 'each month (UTC)',
  },
} as const satisfies Readonly<Record<string, Quota>>;

export type QuotaName = keyof typeof QUOTAS;
/** The quotas of which `measured` is true. */
export type MeasuredQuotaName = {
  [Name in QuotaName]: (typeof QUOTAS)[Name]['measured'] extends true ? Name : never;
}[QuotaName];
export type Quotas = Record<QuotaName, number>;

export const QUOTA_NAMES = Object.keys(QUOTAS) as readonly QuotaName[];
export const MEASURED_QUOTA_NAMES = QUOTA_NAMES.filter(
  (name): name is MeasuredQuotaName => QUOTAS[name].measured,
);

/** One value for each quota. */
export const byQuota = <T>(make: (quota: Quota) => T): Record<QuotaName, T> =>
  Object.fromEntries(QUOTA_NAMES.map((name) => [name, make(QUOTAS[name])])) as Record<QuotaName, T>;

export const planQuotas = (plan: Plan): Quotas => byQuota((quota) => quota.byPlan[plan]);

/** Quotas of a manifest; each that is left out comes from the plan. */
export const quotaOverrides = section(
  byQuota(({ description, range: [min, max], unit }) =>
    (unit === 'EUR' ? z.number().min(min).max(max).multipleOf(0.01) : wholeNumber(min, max))
      .optional()
      .describe(description),
  ),
).prefault({});
