import { PLAN_PACKAGE } from '../../manifest/features.js';
import {
  enabledModules,
  FEATURE_PACKAGES,
  PLANS,
  type Plan,
  type TenantInput,
} from '../../manifest/index.js';
import { QUOTA_NAMES, QUOTAS, type Quota } from '../../manifest/quotas.js';
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

const quotas = (): string => {
  const compared = QUOTA_NAMES.filter((name) => QUOTAS[name].comparedAs !== null);
  return table(
    ['plan', ...compared.map((name) => QUOTAS[name].comparedAs ?? '')],
    PLANS.map((plan) => [plan, ...compared.map((name) => limitText(QUOTAS[name], plan))]),
  );
};

const NUMBER = new Intl.NumberFormat('en');
const GIB = 1024 ** 3;

const limitText = ({ unit, byPlan }: Quota, plan: Plan): string => {
  if (unit === 'bytes') return `${NUMBER.format(byPlan[plan] / GIB)} GiB`;
  return unit === 'EUR' ? `EUR ${NUMBER.format(byPlan[plan])}` : NUMBER.format(byPlan[plan]);
};
