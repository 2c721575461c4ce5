import { regionOfArn } from '../../core/arn.js';
import { isRegionName, REGION_NAMES, residencyProblem } from '../../core/regions.js';
import type { Checked } from './rule.js';

/** The key that the customer holds is where the tenant's rows may be. */
export function checkKeys({ tenant, sound, report }: Checked): void {
  if (!sound('keys') || !sound('residency') || tenant.keys.customerKey === undefined) return;
  const region = regionOfArn(tenant.keys.customerKey);
  const problem = isRegionName(region)
    ? residencyProblem(region, tenant.residency)
    : `is in ${region}, which is not a known region; allowed: ${REGION_NAMES.join(', ')}`;
  if (problem !== undefined) report(['keys', 'customerKey'], problem);
}
