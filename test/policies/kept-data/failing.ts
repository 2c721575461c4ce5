import { declare, type Scenario } from '../program.js';

export const scenario: Scenario = {
  action: 'replace',
  program: () => {
    declare('aws:rds/instance:Instance', 'server');
    declare('ringfence:index:TenantKey', 'key', { tenantId: '1', cells: ['shared'] });
    declare('aws:ec2/securityGroup:SecurityGroup', 'group');
  },
  violations: ['server: would be replaced by an empty one', 'key: would be replaced by an empty one'],
};
