import { planQuotas } from '../../../manifest/quotas.js';
import { declare, type Scenario } from '../program.js';

const OF = { cell: 'shared', tenantId: 't' };

export const scenario: Scenario = {
  program: () => {
    declare('ringfence:index:TenantEnrolment', 'enrolment', OF);
    declare('ringfence:index:TenantQuota', 'quota', { ...OF, ...planQuotas('starter') });
  },
};
