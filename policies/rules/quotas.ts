import { QUOTA_NAMES } from '../../manifest/quotas.js';
import type { Rule } from '../rule.js';
import type { Judging, Resource } from '../subject.js';
import { isHidden, valueAt } from '../values.js';
import { cannotTell, PASSED, type Verdict, violated } from '../verdict.js';

const QUOTA = 'ringfence:index:TenantQuota';
const FIX = 'deploy what its manifest says with `ringfence tenants apply`';

/** A limit of zero is none at all: nothing in the cell reads it so. */
const complete = ({ inputs }: Resource): Verdict => {
  const values = QUOTA_NAMES.map((name) => [name, valueAt(inputs, name)] as const);
  const missing = values
    .filter(([, value]) => !isHidden(value) && !(Number(value) > 0))
    .map(([name]) => name);
  if (missing.length > 0) return violated(`sets no limit for ${missing.join(', ')}`, FIX);
  return values.some(([, value]) => isHidden(value))
    ? cannotTell('its limits: only the deployment knows them')
    : PASSED;
};

const hasQuota = ({ inputs }: Resource, { resources }: Judging): Verdict => {
  const [cell, tenantId] = [valueAt(inputs, 'cell'), valueAt(inputs, 'tenantId')];
  if (isHidden(cell) || isHidden(tenantId))
    return cannotTell('whose quota it needs: only the deployment knows it');
  const own = resources.some(
    (one) =>
      one.type === QUOTA &&
      valueAt(one.inputs, 'cell') === cell &&
      valueAt(one.inputs, 'tenantId') === tenantId,
  );
  return own ? PASSED : violated('has no quota in its cell', FIX);
};

export const quotas: Rule = {
  name: 'quotas',
  description: 'Every tenant has every quota in every cell that it is in',
  why: 'In a shared cell one tenant without limits is an outage of all',
  level: 'mandatory',
  looksAround: true,
  judgeManifest: (tenant) => {
    const missing = QUOTA_NAMES.filter((name) => !(tenant.quotas[name] > 0));
    return missing.length > 0
      ? violated(`sets no limit for ${missing.join(', ')}`, 'give each a limit, or leave it to the plan')
      : PASSED;
  },
  judgeResource: (resource, judging) => {
    if (resource.type === QUOTA) return complete(resource);
    return resource.type === 'ringfence:index:TenantEnrolment' ? hasQuota(resource, judging) : undefined;
  },
};
