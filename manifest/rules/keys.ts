import { regionOfArn } from '../../core/arn.js';
import { REGION_NAMES, residencyProblem } from '../../core/regions.js';
import type { Checked } from './rule.js';

/** The key that the customer holds is where the tenant's rows may be. */
export function checkKeys({ tenant, sound, report }: Checked): void {
  if (!sound('keys') || !sound('residency') || tenant.keys.customerKey === undefined) return;
  const named = regionOfArn(tenant.keys.customerKey);
  const region = REGION_NAMES.find((known) => known === named);
  const problem =
    region === undefined
      ? `is in ${named}, which is not a known region; allowed: ${REGION_NAMES.join(', ')}`
      : residencyProblem(region, tenant.residency);
  if (problem !== undefined) report(['keys', 'customerKey'], problem);
}
