import { declare, type Scenario } from '../program.js';
import { tenantOf } from '../promises.js';

const ENTRY = 'cloudflare:index/workersKv:WorkersKv';

export const scenario: Scenario = {
  program: () => {
    declare(ENTRY, 'here', { value: '{"tenant":"clinica","jurisdiction":"eu"}' });
    declare(ENTRY, 'anywhere', { value: '{"tenant":"boston","jurisdiction":null}' });
    declare(ENTRY, 'london', { value: '{"tenant":"london","jurisdiction":null}' });
  },
  promises: {
    tenants: [
      tenantOf(),
      tenantOf({ slug: 'boston', residency: 'any' }),
      tenantOf({ slug: 'london', residency: 'gb' }),
    ],
  },
};
