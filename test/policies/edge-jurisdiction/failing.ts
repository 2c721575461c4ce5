import { declare, type Scenario } from '../program.js';
import { tenantOf } from '../promises.js';

const ENTRY = 'cloudflare:index/workersKv:WorkersKv';

export const scenario: Scenario = {
  program: () => {
    declare(ENTRY, 'nowhere', { value: '{"tenant":"clinica","jurisdiction":null}' });
    declare(ENTRY, 'left-out', { value: '{"tenant":"clinica"}' });
    declare(ENTRY, 'abroad', { value: '{"tenant":"clinica","jurisdiction":"fedramp"}' });
    declare(ENTRY, 'spanish', { value: '{"tenant":"sevilla","jurisdiction":null}' });
  },
  promises: { tenants: [tenantOf(), tenantOf({ slug: 'sevilla', residency: 'es' })] },
  violations: [
    'nowhere: puts the object of tenant clinica outside of jurisdiction eu, against residency eu',
    'left-out: puts the object of tenant clinica outside of jurisdiction eu, against residency eu',
    'abroad: puts the object of tenant clinica outside of jurisdiction eu, against residency eu',
    'spanish: puts the object of tenant sevilla outside of jurisdiction eu, against residency es',
  ],
};
