import { PLAN_PACKAGE } from '../../manifest/features.js';
import { enabledModules, FEATURE_PACKAGES, PLANS, type TenantInput } from '../../manifest/index.js';
import { PLAN_QUOTAS } from '../../manifest/plans.js';
import type { PartialTenant } from '../manifests/partial-tenant.js';
import { table } from '../print/table.js';
import type { Prompts } from './prompts.js';

/** The plan with its quotas, and the feature package. */
export const askSubscription = async (
  prompts: Prompts,
  known: PartialTenant,
  tier: TenantInput['tier'],
): Promise<Pick<TenantInput, 'plan' | 'features'>> => {
  const plan = known.plan ?? (await askPlan(prompts, tier));
  const features = known.features ?? {
    package: await prompts.choose({
      message: 'Which feature package?',
      choices: FEATURE_PACKAGES.map((value) => ({
        value,
        hint: enabledModules({ package: value, modules: [] }).join(', '),
      })),
      byDefault: PLAN_PACKAGE[plan],
    }),
  };
  return { plan, features };
};

const askPlan = (prompts: Prompts, tier: TenantInput['tier']) => {
  prompts.note(quotas().trimEnd(), 'What each plan allows');
  return prompts.choose({
    message: 'Which plan?',
    choices: PLANS.map((value) => ({ value })),
    byDefault: tier === 'dedicated' ? ('enterprise' as const) : ('starter' as const),
  });
};

const NUMBER = new Intl.NumberFormat('en');
const GIB = 1024 ** 3;

const quotas = (): string =>
  table(
    ['plan', 'storage', 'rows', 'requests/min', 'users', 'cost cap'],
    PLANS.map((plan) => {
      const { storageBytes, rows, requestsPerMinute, concurrentUsers, monthlyCostCapEur } = PLAN_QUOTAS[plan];
      return [
        plan,
        `${NUMBER.format(storageBytes / GIB)} GiB`,
        ...[rows, requestsPerMinute, concurrentUsers].map((count) => NUMBER.format(count)),
        `EUR ${NUMBER.format(monthlyCostCapEur)}`,
      ];
    }),
  );
