import type { Rule } from '../rule.js';
import type { Judging, Resource } from '../subject.js';
import { groupsOf, isHidden, valueAt } from '../values.js';
import { cannotTell, PASSED, type Verdict, violated, worst } from '../verdict.js';

/** Where a type says with which key it encrypts, and where it says that it does, if that is said apart. */
const ENCRYPTED: Readonly<Record<string, { readonly key: string; readonly on?: string }>> = {
  'aws:backup/vault:Vault': { key: 'kmsKeyArn' },
  'aws:cloudwatch/logGroup:LogGroup': { key: 'kmsKeyId' },
  'aws:ecs/cluster:Cluster': {
    key: 'configuration.managedStorageConfiguration.fargateEphemeralStorageKmsKeyId',
  },
  'aws:efs/fileSystem:FileSystem': { key: 'kmsKeyId', on: 'encrypted' },
  'aws:rds/cluster:Cluster': { key: 'kmsKeyId', on: 'storageEncrypted' },
  'aws:rds/instance:Instance': { key: 'kmsKeyId', on: 'storageEncrypted' },
  'aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication': { key: 'kmsKeyId' },
  'aws:secretsmanager/secret:Secret': { key: 'kmsKeyId' },
  'aws:sqs/queue:Queue': { key: 'kmsMasterKeyId' },
};

const FIX = "name the cell's own KMS key";

const withKey = (resource: Resource, path: string, { cellKeys }: Judging): Verdict => {
  const key = valueAt(resource.inputs, path);
  if (key === undefined) return violated(`has no ${path}: AWS would take a key of its own`, FIX);
  if (isHidden(key)) return cannotTell(`whether ${path} is the cell's key: only the deployment knows it`);
  if (String(key).includes('alias/aws/')) return violated(`is encrypted with AWS's own key ${key}`, FIX);
  if (cellKeys.length === 0) return cannotTell(`whether ${key} is the cell's key: no key of it is known yet`);
  return cellKeys.includes(String(key)) ? PASSED : violated(`is encrypted with another key, ${key}`, FIX);
};

const isOn = (resource: Resource, path: string): Verdict | undefined => {
  const on = valueAt(resource.inputs, path);
  if (isHidden(on)) return cannotTell(`${path}: only the deployment knows it`);
  return on === true ? undefined : violated('is not encrypted', `set ${path} to true, and ${FIX}`);
};

const ofBucketRules = (resource: Resource, judging: Judging): Verdict | undefined => {
  const { groups, hidden } = groupsOf(valueAt(resource.inputs, 'rules'));
  return worst([
    ...groups.map(({ applyServerSideEncryptionByDefault: given }) => {
      const byDefault = { ...resource, inputs: groupsOf(given).groups[0] ?? {} };
      const algorithm = valueAt(byDefault.inputs, 'sseAlgorithm');
      if (isHidden(given) || isHidden(algorithm))
        return cannotTell('its encryption: only the deployment knows it');
      return /^aws:kms/.test(String(algorithm))
        ? withKey(byDefault, 'kmsMasterKeyId', judging)
        : violated(
            `is encrypted with ${algorithm ?? 'nothing of ours'}`,
            `set sseAlgorithm to aws:kms, and ${FIX}`,
          );
    }),
    ...(hidden ? [cannotTell('its rules: only the deployment knows them')] : []),
  ]);
};

export const encryption: Rule = {
  name: 'encryption',
  description: "Whatever stores data is encrypted with the cell's own key",
  why: 'A key that the cell holds can be revoked, and says who opened what. A key that AWS holds for everybody cannot',
  level: 'mandatory',
  judgeResource: (resource, judging) => {
    if (resource.type.includes('ServerSideEncryptionConfiguration')) return ofBucketRules(resource, judging);
    const where = ENCRYPTED[resource.type];
    if (!where) return undefined;
    // A replica takes both from its source.
    if (
      valueAt(resource.inputs, 'replicateSourceDb') !== undefined &&
      where.on &&
      !valueAt(resource.inputs, where.key)
    )
      return cannotTell('the key of a replica in the same region: it is that of its source');
    return worst([...(where.on ? [isOn(resource, where.on)] : []), withKey(resource, where.key, judging)]);
  },
};
