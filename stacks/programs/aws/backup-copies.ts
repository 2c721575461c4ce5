import { Key } from '@pulumi/aws/kms/key.js';
import type { Instance } from '@pulumi/aws/rds/instance.js';
import { InstanceAutomatedBackupsReplication } from '@pulumi/aws/rds/instanceAutomatedBackupsReplication.js';
import { storageKeyPolicy } from './key-policy.js';
import type { AwsScope } from './scope.js';

/**
 * Copies of the automated backups in another region, under a key of that region: a point in time there when all of the first one
 * is gone.
 */
export const backupCopies = (scope: AwsScope, database: Instance): void => {
  const { inputs, options, left, tags } = scope;
  const { copiesIn: region, cell, historyDays } = inputs;
  if (region === null) return;
  const key = new Key(
    'copies-key',
    {
      region,
      enableKeyRotation: true,
      deletionWindowInDays: 30,
      description: `Ringfence copies of cell ${cell}`,
      policy: storageKeyPolicy(scope, region),
      tags: tags(),
    },
    left,
  );
  new InstanceAutomatedBackupsReplication(
    'copies',
    { region, sourceDbInstanceArn: database.arn, kmsKeyId: key.arn, retentionPeriod: historyDays },
    options,
  );
};
