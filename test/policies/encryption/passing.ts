import { declare, type Scenario } from '../program.js';

const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/1';

export const scenario: Scenario = {
  program: () => {
    declare('aws:rds/instance:Instance', 'server', { storageEncrypted: true, kmsKeyId: KEY });
    declare(
      'aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration',
      'objects',
      {
        rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: KEY } }],
      },
    );
    declare('aws:cloudwatch/logGroup:LogGroup', 'logs', { kmsKeyId: KEY });
    declare('aws:ecs/cluster:Cluster', 'containers', {
      configuration: { managedStorageConfiguration: { fargateEphemeralStorageKmsKeyId: KEY } },
    });
  },
  promises: { cellKeys: [KEY] },
};
