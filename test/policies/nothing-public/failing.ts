import { declare, type Scenario } from '../program.js';

const EVERYBODY = '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"kms:*"}]}';

export const scenario: Scenario = {
  program: () => {
    declare('aws:rds/instance:Instance', 'server', { publiclyAccessible: true });
    declare('aws:s3/bucket:Bucket', 'objects', { bucket: 'objects' });
    declare('aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock', 'block', {
      bucket: 'x',
      blockPublicAcls: true,
    });
    declare('aws:ec2/securityGroup:SecurityGroup', 'group', { ingress: [{ cidrBlocks: ['0.0.0.0/0'] }] });
    declare('aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule', 'rule', { cidrIpv6: '::/0' });
    declare('aws:kms/key:Key', 'key', { policy: EVERYBODY });
    declare('aws:rds/snapshot:Snapshot', 'snapshot', { sharedAccounts: ['all'] });
    declare('aws:ecs/service:Service', 'worker', { networkConfiguration: { assignPublicIp: true } });
    declare('postgresql:index/grant:Grant', 'grant', { role: 'public', privileges: ['CONNECT'] });
  },
  violations: [
    'server: is public: publiclyAccessible is true',
    'objects: has no block of public access',
    'block: does not block public access: blockPublicPolicy, ignorePublicAcls, restrictPublicBuckets',
    'group: lets everybody in from 0.0.0.0/0',
    'rule: lets everybody in from ::/0',
    'key: lets everybody in by its policy',
    'snapshot: is shared with all accounts',
    'worker: is public: networkConfiguration.assignPublicIp is true',
    'grant: grants a privilege to every role',
  ],
};
