import { awsIn, declare, type Scenario } from '../program.js';

const KEY = 'arn:aws:kms:us-east-1:111122223333:key/1';

export const scenario: Scenario = {
  program: () => {
    const provider = awsIn('eu-central-1');
    declare('aws:rds/instance:Instance', 'server', {}, { provider: awsIn('eu-west-2') });
    declare('aws:rds/instance:Instance', 'standby', { region: 'eu-central-2' }, { provider });
    declare('aws:s3/bucket:Bucket', 'objects', { region: 'eu-west-2' }, { provider });
    declare('aws:kms/replicaKey:ReplicaKey', 'key-copy', { region: 'eu-west-2' }, { provider });
    declare('aws:cloudwatch/logGroup:LogGroup', 'logs', { kmsKeyId: KEY }, { provider });
    declare(
      'aws:secretsmanager/secret:Secret',
      'login',
      { replicas: [{ region: 'us-east-1' }] },
      { provider },
    );
    const options = { 'awslogs-group': 'worker', 'awslogs-region': 'us-east-1' };
    const secret = { name: 'HOOK', valueFrom: 'arn:aws:secretsmanager:eu-west-2:111122223333:secret:hook' };
    const container = { name: 'worker', logConfiguration: { options }, secrets: [secret] };
    declare(
      'aws:ecs/taskDefinition:TaskDefinition',
      'task',
      { containerDefinitions: JSON.stringify([container]) },
      { provider },
    );
    declare(
      'aws:cloudwatch/eventTarget:EventTarget',
      'topic',
      { arn: 'arn:aws:sns:eu-west-2:1:t' },
      { provider },
    );
    declare('ringfence:index:LocalServer', 'local', { cell: 'london' });
  },
  promises: { cellRegions: { london: 'eu-west-2' } },
  violations: [
    'server: is outside residency eu: eu-west-2 is London: the United Kingdom is not in the EU',
    'standby: is outside residency eu: eu-central-2 is Zurich: Switzerland is not in the EU',
    'objects: is outside residency eu: eu-west-2 is London',
    'key-copy: is outside residency eu: eu-west-2 is London',
    'logs: is outside residency eu: us-east-1 is Northern Virginia',
    'login: is outside residency eu: us-east-1 is Northern Virginia',
    'task: is outside residency eu: us-east-1 is Northern Virginia',
    'topic: is outside residency eu: eu-west-2 is London',
    'local: is outside residency eu: eu-west-2 is London',
  ],
};
