import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Properties } from '../../../../stacks/protocol/provider/resource.js';
import { checkInputs } from '../../../support/aws/check-inputs.js';
import { DESCRIPTIONS } from '../../../support/aws/description.js';
import { RESOURCE_TYPES } from '../../../support/aws/resource-types.js';

const refusalsOf = (token: string, inputs: Properties): string[] => {
  const description = DESCRIPTIONS.types[token];
  if (!description) throw new Error(`${token} is not described`);
  return checkInputs(description, RESOURCE_TYPES[token]?.terraformNames ?? {}, inputs).map(
    ({ property, reason }) => `${property}: ${reason}`,
  );
};

const INSTANCE = 'aws:rds/instance:Instance';
const LOG_GROUP = 'aws:cloudwatch/logGroup:LogGroup';
const TASK = 'aws:ecs/taskDefinition:TaskDefinition';
const task = (container: object) => ({ family: 'f', containerDefinitions: JSON.stringify([container]) });
const instance = { instanceClass: 'db.t4g.medium' };

test.each<[string, string, Properties, string]>([
  [
    'an unknown name',
    INSTANCE,
    { ...instance, storageEncripted: true },
    'storageEncripted: aws_db_instance has no storageEncripted (cdktf)',
  ],
  ['a missing input', INSTANCE, {}, ': aws_db_instance needs instanceClass (cdktf)'],
  ['another type', INSTANCE, { ...instance, multiAz: 'yes' }, 'multiAz: is a string, not a boolean (cdktf)'],
  [
    'an unknown name inside',
    'aws:s3/bucketVersioning:BucketVersioning',
    { bucket: 'b', versioningConfiguration: { status: 'Enabled', state: 'on' } },
    'versioningConfiguration.state: aws_s3_bucket_versioning has no state (cdktf)',
  ],
  [
    'a value out of range',
    INSTANCE,
    { ...instance, backupRetentionPeriod: 36 },
    'backupRetentionPeriod: 36 is more than 35 (aws-service-spec)',
  ],
  [
    'a value that is not allowed',
    LOG_GROUP,
    { retentionInDays: 8 },
    'retentionInDays: 8 is none of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653 (aws-service-spec)',
  ],
  [
    'two that exclude each other',
    INSTANCE,
    { ...instance, manageMasterUserPassword: true, password: 'x' },
    'manageMasterUserPassword: excludes password (aws-service-spec)',
  ],
  [
    'a name of another form',
    LOG_GROUP,
    { name: 'log group' },
    'name: "log group" is not of the form [\\.\\-_/#A-Za-z0-9]+ (botocore)',
  ],
  [
    'a name that is too long',
    'aws:iam/role:Role',
    { name: 'r'.repeat(65), assumeRolePolicy: '{}' },
    'name: has more than 64 characters (botocore)',
  ],
  [
    'a word of an enumeration, inside',
    'aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration',
    { bucket: 'b', rule: { defaultRetention: { mode: 'FOREVER', days: 7 } } },
    'rule.defaultRetention.mode: "FOREVER" is none of GOVERNANCE, COMPLIANCE (botocore)',
  ],
  [
    'a container with a word that the API does not know',
    TASK,
    task({ image: 'i', readOnlyRootFilesystem: true }),
    'containerDefinitions.readOnlyRootFilesystem: containerDefinitions has no readOnlyRootFilesystem (botocore)',
  ],
  [
    'a secret of a container without its ARN',
    TASK,
    task({ secrets: [{ name: 'HOOK' }] }),
    'containerDefinitions.secrets: containerDefinitions needs valueFrom (botocore)',
  ],
  [
    'a log of a container that nobody takes',
    TASK,
    task({ logConfiguration: { logDriver: 'cloudwatch' } }),
    'containerDefinitions.logConfiguration.logDriver: "cloudwatch" is none of json-file, syslog, journald, gelf, fluentd, awslogs, splunk, awsfirelens (botocore)',
  ],
  [
    'memory that Fargate does not have with a CPU',
    TASK,
    { ...task({}), memory: '1024' },
    'memory: "1024" is none of 2048, 3072, 4096, 5120, 6144, 7168, 8192 (aws-service-spec)',
  ],
])('the descriptions refuse %s', (_, token, inputs, refusal) => {
  expect(refusalsOf(token, inputs)).toEqual([refusal]);
});

test('the descriptions are of the packages that the script names, for every type that is used', () => {
  const script = readFileSync(new URL('../../../../scripts/aws-descriptions.ts', import.meta.url), 'utf8');
  expect(Object.keys(DESCRIPTIONS.madeFrom)).toEqual([
    '@cdktf/provider-aws',
    '@aws-cdk/aws-service-spec',
    'botocore',
  ]);
  for (const version of Object.values(DESCRIPTIONS.madeFrom)) expect(script).toContain(`'${version}'`);
  expect(Object.keys(DESCRIPTIONS.types)).toEqual(Object.keys(RESOURCE_TYPES));
  for (const [token, { terraform, inputs, computed }] of Object.entries(DESCRIPTIONS.types)) {
    expect(terraform).toBe(RESOURCE_TYPES[token]?.terraform);
    expect(Object.keys(inputs).length).toBeGreaterThan(1);
    expect(computed).toContain('id');
  }
});
