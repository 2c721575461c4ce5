import { declare, type Scenario } from '../program.js';

const URN = 'urn:pulumi:cell.scenario::ringfence::aws:rds/instance:Instance::server';

export const scenario: Scenario = {
  action: 'delete',
  program: () => {
    declare('aws:rds/instance:Instance', 'server');
    declare('ringfence:index:TenantEnrolment', 'enrolment', { tenantId: 'on hold', cell: 'shared' });
  },
  promises: {
    held: [{ slug: 'clinica', tenantId: 'on hold', hold: 'court-order: case 12' }],
    allowReplace: [URN],
  },
  violations: [
    'server: has data of tenant clinica, which is on hold (court-order: case 12)',
    'enrolment: has data of tenant clinica, which is on hold (court-order: case 12)',
  ],
};
