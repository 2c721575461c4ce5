import { z } from 'zod';

const used = {
  connections: z.number(),
  storageBytes: z.number(),
  rows: z.number(),
  requestsPerMinute: z.number(),
  concurrentUsers: z.number(),
  computeSecondsPerDay: z.number(),
  monthlyCostCapEur: z.number(),
};

/** Every limit. */
export const quotasView = z.strictObject({ ...used, statementTimeoutMs: z.number() });

export const quotaStatusView = z.strictObject({
  slug: z.string(),
  limits: quotasView,
  used: z.strictObject(used),
});

export const quotaUsageView = z.array(
  quotaStatusView.extend({
    nearest: z.enum(Object.keys(used) as (keyof typeof used)[]).describe('the limit that it is nearest to'),
    share: z.number().describe('of that limit: 1 is all of it'),
  }),
);
