import { z } from 'zod';
import type { Plan } from './plans.js';
import { section, wholeNumber } from './primitives.js';

/** A limit that only the edge enforces: the database knows nothing of it. */
interface EdgeQuota {
  readonly description: string;
  readonly range: readonly [number, number];
  readonly byPlan: Readonly<Record<Plan, number>>;
}

/** Every quota that is the edge's alone. Requests a minute and users are in `quotas`, and hold at the edge too. */
export const EDGE_QUOTAS = {
  requestsPerSecond: {
    description: 'Requests that the edge lets through a second, again and again.',
    range: [1, 1_000_000],
    byPlan: { starter: 10, growth: 40, pro: 100, enterprise: 400 },
  },
  burst: {
    description: 'The most in one second, where seconds before left that many unused.',
    range: [1, 10_000_000],
    byPlan: { starter: 30, growth: 120, pro: 300, enterprise: 1_200 },
  },
  dailyCostCapEur: {
    description: 'What the requests of a day (UTC) may cost the operator.',
    range: [0.01, 1_000_000],
    byPlan: { starter: 5, growth: 20, pro: 80, enterprise: 800 },
  },
} as const satisfies Readonly<Record<string, EdgeQuota>>;

const countOf = ({ range: [min, max], description }: EdgeQuota) =>
  wholeNumber(min, max).optional().describe(description);
const { requestsPerSecond, burst, dailyCostCapEur } = EDGE_QUOTAS;

/** Limits at the edge. They are not resolved with the manifest, so that a tenant without them is the same as before. */
export const edge = section({
  requestsPerSecond: countOf(requestsPerSecond),
  burst: countOf(burst),
  dailyCostCapEur: z
    .number()
    .min(dailyCostCapEur.range[0])
    .max(dailyCostCapEur.range[1])
    .multipleOf(0.01)
    .optional()
    .describe(dailyCostCapEur.description),
}).optional();

/** What holds at the edge: of the manifest, else of the plan. A burst is never below the requests of a second. */
export const edgeQuotas = (tenant: { readonly plan: Plan; readonly edge?: z.output<typeof edge> }) => {
  const { plan, edge: set } = tenant;
  const perSecond = set?.requestsPerSecond ?? requestsPerSecond.byPlan[plan];
  return {
    requestsPerSecond: perSecond,
    burst: set?.burst ?? Math.max(burst.byPlan[plan], perSecond),
    dailyCostCapEur: set?.dailyCostCapEur ?? dailyCostCapEur.byPlan[plan],
  };
};
