import { declare, type Scenario } from '../program.js';

const OTHER = 'arn:aws:kms:eu-central-1:111122223333:key/2';

export const scenario: Scenario = {
  program: () => {
    declare('aws:rds/instance:Instance', 'server', { storageEncrypted: false });
    declare(
      'aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration',
      'objects',
      {
        rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }],
      },
    );
    declare('aws:cloudwatch/logGroup:LogGroup', 'logs');
    declare('aws:ecs/cluster:Cluster', 'containers', {});
    declare('aws:secretsmanager/secret:Secret', 'login', { kmsKeyId: 'alias/aws/secretsmanager' });
    declare('aws:backup/vault:Vault', 'vault', { kmsKeyArn: OTHER });
  },
  promises: { cellKeys: ['arn:aws:kms:eu-central-1:111122223333:key/1'] },
  violations: [
    'server: is not encrypted; has no kmsKeyId: AWS would take a key of its own',
    'objects: is encrypted with AES256',
    'logs: has no kmsKeyId',
    'containers: has no configuration.managedStorageConfiguration.fargateEphemeralStorageKmsKeyId',
    "login: is encrypted with AWS's own key alias/aws/secretsmanager",
    `vault: is encrypted with another key, ${OTHER}`,
  ],
};
