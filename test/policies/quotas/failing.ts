import { planQuotas } from '../../../manifest/quotas.js';
import { declare, type Scenario } from '../program.js';

export const scenario: Scenario = {
  program: () => {
    declare('ringfence:index:TenantEnrolment', 'enrolment', { cell: 'shared', tenantId: 't' });
    const quotas = { ...planQuotas('starter'), rows: 0 };
    declare('ringfence:index:TenantQuota', 'quota', { cell: 'another', tenantId: 't', ...quotas });
  },
  violations: ['enrolment: has no quota in its cell', 'quota: sets no limit for rows'],
};
