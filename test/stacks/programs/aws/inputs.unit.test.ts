import { expect, test } from 'vitest';
import { bucketPolicy } from '../../../../stacks/programs/aws/bucket-policy.js';
import { type AwsCellInputs, awsCellInputs } from '../../../../stacks/programs/aws/inputs.js';
import { tenantKeyPolicy } from '../../../../stacks/programs/aws/key-policy.js';
import { awsNames, bucketName } from '../../../../stacks/programs/aws/names.js';
import type { AwsScope } from '../../../../stacks/programs/aws/scope.js';
import { zonesOf } from '../../../../stacks/programs/aws/zones.js';
import { cellInputs } from '../../../support/aws/cell-inputs.js';

const topic = (region: string): string => `arn:aws:sns:${region}:123456789012:alarms`;

test.each<[string, Partial<AwsCellInputs>, string]>([
  ['a dedicated cell in one zone', { tier: 'dedicated' }, 'a dedicated cell has a server in a second zone'],
  ['copies in its own region', { copiesIn: 'eu-west-1' }, 'copies belong into another region'],
  ['copies outside of the EU', { copiesIn: 'eu-west-2' }, 'copies of a cell in the EU stay in the EU'],
  ['a window that RDS does not have', { historyDays: 36 }, '35'],
  ['alarms that tell London', { alarmTopics: [topic('eu-west-2')] }, 'a topic is in the region of the cell'],
  ['alarms that tell another region', { alarmTopics: [topic('eu-central-1')] }, 'in the region of the cell'],
  ['alarms that tell a queue', { alarmTopics: ['arn:aws:sqs:eu-west-1:123456789012:q'] }, 'standard topic'],
  ['a topic that keeps an order', { alarmTopics: [`${topic('eu-west-1')}.fifo`] }, 'standard topic'],
  ['six topics', { alarmTopics: Array(6).fill(topic('eu-west-1')) }, 'expected array to have <=5 items'],
  [
    'a network with one subnet',
    { network: { vpcId: 'vpc-0123456789abcdef0', subnetIds: ['subnet-0123456789abcdef0'] } },
    'subnets in two zones',
  ],
])('%s is refused', (_, changes, reason) => {
  const parsed = awsCellInputs.safeParse({ ...cellInputs(), ...changes });
  expect(parsed.success).toBe(false);
  expect(parsed.error?.message).toContain(reason);
});

test('names follow from the cell, and the longest fit', () => {
  const cell = `c${'l'.repeat(39)}`;
  expect(bucketName(cell, '123456789012', 'eu-west-1')).toHaveLength(61);
  expect(bucketName(cell, '123456789012', 'eu-west-1')).not.toBe(
    bucketName(cell, '123456789012', 'eu-west-3'),
  );
  const { instance, finalSnapshot, role } = awsNames(cell);
  expect(Math.max(instance.length, finalSnapshot.length, role.length)).toBeLessThanOrEqual(63);
});

test('three zones of a region, or a way out', () => {
  expect(zonesOf('eu-south-2')).toEqual(['eu-south-2a', 'eu-south-2b', 'eu-south-2c']);
  expect(() => zonesOf('us-west-1')).toThrow('does not have three zones');
});

test('only the data plane uses the root of the tenants’ keys, and nobody without a context', () => {
  const scope = { inputs: cellInputs(), partition: 'aws' } as AwsScope;
  const role = 'arn:aws:iam::123456789012:role/data-plane';
  const { Statement } = JSON.parse(tenantKeyPolicy(scope, role)) as {
    Statement: {
      Effect: string;
      Principal: { AWS: string };
      Action: string | string[];
      Condition?: unknown;
    }[];
  };
  const using = /kms:(?:Encrypt|Decrypt|ReEncrypt|GenerateDataKey|CreateGrant|\*)/;
  const allowed = Statement.filter(
    ({ Effect, Action }) => Effect === 'Allow' && [Action].flat().some((action) => using.test(action)),
  );
  expect(allowed).toMatchObject([
    { Principal: { AWS: role }, Condition: { Null: { 'kms:EncryptionContextKeys': 'false' } } },
  ]);
  expect(Statement.filter(({ Effect }) => Effect === 'Deny')).toMatchObject([
    { Principal: { AWS: '*' }, Condition: { Null: { 'kms:EncryptionContextKeys': 'true' } } },
  ]);
});

test('the bucket takes nothing in plain text, under another key, or locked beyond the erasure promise', () => {
  const policy = bucketPolicy('arn:b', 'arn:k');
  expect(policy).toContain('"aws:SecureTransport":"false"');
  expect(policy).toContain('"s3:x-amz-server-side-encryption-aws-kms-key-id":"arn:k"');
  expect(policy).toContain('"s3:object-lock-remaining-retention-days":"28"');
});
