import { CELL_TAG } from '../../../core/cost-tags.js';
import { declare, type Scenario } from '../program.js';
import { tenantOf } from '../promises.js';

export const scenario: Scenario = {
  program: () => {
    declare('aws:rds/instance:Instance', 'server', { tags: { [CELL_TAG]: 'own' } });
    declare('aws:s3/bucket:Bucket', 'objects');
    declare('aws:ecs/service:Service', 'worker', { tags: { [CELL_TAG]: 'own' } });
    declare('aws:ec2/vpcEndpoint:VpcEndpoint', 'door');
  },
  promises: { tenants: [tenantOf({ tier: 'dedicated', region: 'eu-west-1' })] },
  violations: [
    'server: has no tag ringfence:tenant',
    'objects: has no tag ringfence:cell and ringfence:tenant',
    'worker: has no tag ringfence:tenant',
    'door: has no tag ringfence:cell and ringfence:tenant',
  ],
};
