import { declare, type Scenario } from '../program.js';

const URN = 'urn:pulumi:cell.scenario::ringfence::aws:rds/instance:Instance::server';

export const scenario: Scenario = {
  action: 'replace',
  program: () => {
    declare('aws:rds/instance:Instance', 'server');
    declare('aws:ec2/securityGroup:SecurityGroup', 'group');
  },
  promises: { allowReplace: [URN] },
};
