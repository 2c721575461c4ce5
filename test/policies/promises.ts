import { parseTenant, type TenantInput } from '../../manifest/index.js';
import type { Promises } from '../../policies/subject.js';
import { smallTenant } from '../support/cli.js';

export const tenantOf = (changes: Partial<TenantInput> = {}) => parseTenant(smallTenant('clinica', changes));

/** Of one clinic in the EU, in cell `shared`, unless the scenario promises otherwise. */
export const promisesOf = (changes: Partial<Promises> = {}): Promises => ({
  tenants: [tenantOf()],
  cellRegions: { shared: 'eu-central-1' },
  erasureDays: 28,
  schemaHash: 'of this release',
  cellKeys: [],
  held: [],
  allowReplace: [],
  exceptions: [],
  ...changes,
});
