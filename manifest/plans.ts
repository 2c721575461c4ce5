export const PLANS = ['starter', 'growth', 'pro', 'enterprise'] as const;
export type Plan = (typeof PLANS)[number];

/** What each plan promises. */
export const PLAN_SLA: Readonly<
  Record<Plan, { uptimePercent: number; rpoMinutes: number; rtoMinutes: number }>
> = {
  starter: { uptimePercent: 99.5, rpoMinutes: 1_440, rtoMinutes: 480 },
  growth: { uptimePercent: 99.5, rpoMinutes: 1_440, rtoMinutes: 240 },
  pro: { uptimePercent: 99.9, rpoMinutes: 1_440, rtoMinutes: 120 },
  enterprise: { uptimePercent: 99.95, rpoMinutes: 60, rtoMinutes: 60 },
};
