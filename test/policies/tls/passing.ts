import { declare, type Scenario } from '../program.js';

const DENY = {
  Statement: [
    {
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    },
  ],
};

export const scenario: Scenario = {
  program: () => {
    declare('aws:rds/parameterGroup:ParameterGroup', 'parameters', {
      name: 'cell',
      parameters: [{ name: 'rds.force_ssl', value: '1' }],
    });
    declare('aws:rds/instance:Instance', 'server', { parameterGroupName: 'cell' });
    declare('aws:s3/bucket:Bucket', 'objects', { bucket: 'objects' });
    declare('aws:s3/bucketPolicy:BucketPolicy', 'policy', {
      bucket: 'objects',
      policy: JSON.stringify(DENY),
    });
    declare('aws:lb/listener:Listener', 'listener', { protocol: 'HTTPS' });
    declare('cloudflare:index/customHostname:CustomHostname', 'own-host', {
      ssl: { settings: { minTlsVersion: '1.2' } },
    });
  },
};
