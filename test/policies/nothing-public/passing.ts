import { declare, type Scenario } from '../program.js';

const blocks = {
  blockPublicAcls: true,
  blockPublicPolicy: true,
  ignorePublicAcls: true,
  restrictPublicBuckets: true,
};

export const scenario: Scenario = {
  program: () => {
    declare('aws:rds/instance:Instance', 'server', { publiclyAccessible: false });
    declare('aws:s3/bucket:Bucket', 'objects', { bucket: 'objects' });
    declare('aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock', 'block', {
      bucket: 'objects',
      ...blocks,
    });
    declare('aws:ec2/securityGroup:SecurityGroup', 'group', { ingress: [{ securityGroups: ['sg-1'] }] });
    declare('postgresql:index/grant:Grant', 'grant', { role: 'ringfence_app', privileges: ['CONNECT'] });
  },
};
