import {
  defaultRegion,
  REGION_NAMES,
  REGIONS,
  RESIDENCIES,
  type Residency,
  regionsOf,
  type TenantInput,
} from '../../manifest/index.js';
import type { PartialTenant } from '../manifests/partial-tenant.js';
import { problemAt } from './check.js';
import type { Choice, Prompts } from './prompts.js';

const TIERS: readonly Choice<'shared' | 'dedicated'>[] = [
  {
    value: 'shared',
    label: 'Shared',
    hint: 'one Postgres for many tenants, kept apart by row-level security',
  },
  { value: 'dedicated', label: 'Dedicated', hint: 'a database of its own, in the region you choose' },
];

type Placement = Pick<TenantInput, 'tier' | 'residency' | 'region'>;

/** Asks where the tenant lives. Asks for no region when a cell is named. */
export const askPlacement = async (prompts: Prompts, known: PartialTenant): Promise<Placement> => {
  const tier =
    known.tier ??
    (await prompts.choose({ message: 'Which tier?', choices: TIERS, byDefault: 'shared' as const }));
  const residency =
    known.residency ??
    (await prompts.choose({
      message: 'Where may rows, backups and keys be?',
      choices: RESIDENCIES.map((value) => ({ value, label: residencyName(value) })),
      byDefault: 'eu' as const,
      check: (value) => problemAt({ ...known, residency: value }, 'region'),
    }));
  if (known.cell !== undefined) return { tier, residency };
  const region = known.region ?? (await askRegion(prompts, residency));
  return { tier, residency, region };
};

/** Offers the regions that the residency allows first. Refuses another one with the reason. */
const askRegion = (prompts: Prompts, residency: Residency) => {
  const allowed = regionsOf(residency);
  const others = REGION_NAMES.filter((region) => !allowed.includes(region));
  return prompts.choose({
    message: 'In which AWS region?',
    choices: [...allowed, ...others].map((value) => ({
      value,
      label: `${value}  ${REGIONS[value].place}`,
      ...(allowed.includes(value) ? {} : { hint: 'outside the residency' }),
    })),
    byDefault: defaultRegion(residency),
    check: (region) => problemAt({ residency, region }, 'region'),
  });
};

const COUNTRIES = new Intl.DisplayNames(['en'], { type: 'region' });

const residencyName = (residency: Residency): string => {
  if (residency === 'eu') return 'European Union';
  return residency === 'any' ? 'Anywhere' : (COUNTRIES.of(residency.toUpperCase()) ?? residency);
};
