import { declare, type Scenario } from '../program.js';

export const scenario: Scenario = {
  program: () => {
    declare('aws:rds/parameterGroup:ParameterGroup', 'parameters', {
      name: 'cell',
      parameters: [{ name: 'rds.force_ssl', value: '0' }],
    });
    declare('aws:rds/instance:Instance', 'server', {});
    declare('aws:s3/bucket:Bucket', 'objects', { bucket: 'objects' });
    declare('aws:s3/bucketPolicy:BucketPolicy', 'policy', { bucket: 'others', policy: '{"Statement":[]}' });
    declare('aws:lb/listener:Listener', 'listener', {
      protocol: 'HTTP',
      defaultActions: [{ type: 'forward' }],
    });
    declare('cloudflare:index/customHostname:CustomHostname', 'own-host', { ssl: { type: 'dv' } });
    declare('pulumi:providers:postgresql', 'postgres', { host: '10.0.0.4', sslmode: 'require' });
  },
  violations: [
    'parameters: does not force TLS',
    "server: has AWS's default parameter group",
    'objects: has no policy that denies requests without TLS',
    'policy: lets requests in without TLS',
    'listener: listens with HTTP',
    'own-host: takes TLS 1.0',
    'postgres: connects to 10.0.0.4 without verifying it',
  ],
};
