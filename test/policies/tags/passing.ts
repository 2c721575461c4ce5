import { CELL_TAG, TENANT_TAG } from '../../../core/cost-tags.js';
import { declare, type Scenario } from '../program.js';
import { tenantOf } from '../promises.js';

export const scenario: Scenario = {
  program: () => {
    declare('aws:rds/instance:Instance', 'server', { tags: { [CELL_TAG]: 'own', [TENANT_TAG]: 'clinica' } });
  },
  promises: { tenants: [tenantOf({ tier: 'dedicated', region: 'eu-west-1' })] },
};
