import { awsIn, declare, type Scenario } from '../program.js';

const provider = () => ({ provider: awsIn('eu-central-1') });

export const scenario: Scenario = {
  program: () => {
    const inFrankfurt = provider();
    declare('aws:rds/instance:Instance', 'server', { availabilityZone: 'eu-central-1b' }, inFrankfurt);
    declare('aws:rds/instance:Instance', 'standby', { region: 'eu-west-1' }, inFrankfurt);
    const options = { 'awslogs-group': 'worker', 'awslogs-region': 'eu-central-1' };
    const containers = JSON.stringify([{ name: 'worker', logConfiguration: { options } }]);
    declare(
      'aws:ecs/taskDefinition:TaskDefinition',
      'task',
      { containerDefinitions: containers },
      inFrankfurt,
    );
    declare('aws:iam/role:Role', 'global', { region: 'nowhere' }, inFrankfurt);
    declare('cloudflare:index/r2Bucket:R2Bucket', 'static', { jurisdiction: 'eu' });
  },
};
