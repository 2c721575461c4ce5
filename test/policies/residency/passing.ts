import { awsIn, declare, type Scenario } from '../program.js';

const provider = () => ({ provider: awsIn('eu-central-1') });

export const scenario: Scenario = {
  program: () => {
    const inFrankfurt = provider();
    declare('aws:rds/instance:Instance', 'server', { availabilityZone: 'eu-central-1b' }, inFrankfurt);
    declare('aws:rds/instance:Instance', 'standby', { region: 'eu-west-1' }, inFrankfurt);
    declare('aws:iam/role:Role', 'global', { region: 'nowhere' }, inFrankfurt);
    declare('cloudflare:index/r2Bucket:R2Bucket', 'static', { jurisdiction: 'eu' });
  },
};
