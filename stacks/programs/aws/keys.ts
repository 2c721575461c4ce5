import { Alias } from '@pulumi/aws/kms/alias.js';
import { Key } from '@pulumi/aws/kms/key.js';
import type * as pulumi from '@pulumi/pulumi';
import { storageKeyPolicy, tenantKeyPolicy } from './key-policy.js';
import type { AwsScope } from './scope.js';

/** The longest that KMS gives to think a deletion over. */
const DELETION_DAYS = 30;
const ROTATION_DAYS = 365;

const KEY = {
  enableKeyRotation: true,
  rotationPeriodInDays: ROTATION_DAYS,
  deletionWindowInDays: DELETION_DAYS,
};

/** The key under which AWS stores what is the cell's. A snapshot and a bucket need it after the cell. */
export const storageKey = (scope: AwsScope): Key => {
  const { inputs, names, left, tags } = scope;
  const key = new Key(
    'storage-key',
    {
      ...KEY,
      description: `Ringfence storage of cell ${inputs.cell}`,
      policy: storageKeyPolicy(scope, inputs.region),
      tags: tags(),
    },
    left,
  );
  new Alias('storage-key', { name: names.storageKey, targetKeyId: key.keyId }, left);
  return key;
};

/** The root of the tenants' keys, by the alias that `awsKms` asks for. Backups are read with it after the cell. */
export const tenantKey = (scope: AwsScope, roleArn: pulumi.Output<string>): Key => {
  const { inputs, names, left, tags } = scope;
  const key = new Key(
    'tenant-key',
    {
      ...KEY,
      description: `Ringfence root key of cell ${inputs.cell}`,
      policy: roleArn.apply((role) => tenantKeyPolicy(scope, role)),
      tags: tags(),
    },
    left,
  );
  new Alias('tenant-key', { name: names.tenantKey, targetKeyId: key.keyId }, left);
  return key;
};
