import { declare, type Scenario } from '../program.js';

export const scenario: Scenario = {
  action: 'delete',
  program: () => {
    declare('ringfence:index:TenantEnrolment', 'enrolment', { tenantId: 'of another', cell: 'shared' });
    declare('ringfence:index:TenantLogin', 'login', { tenantId: 'on hold', cell: 'shared' });
  },
  promises: { held: [{ slug: 'clinica', tenantId: 'on hold', hold: 'court-order: case 12' }] },
};
