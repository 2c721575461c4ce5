import { expect, test } from 'vitest';
import { adoptPending } from '../../../../control-plane/engine/run/adopt-pending.js';
import { knownId } from '../../../../stacks/programs/aws/known-ids.js';

const BUCKET = 'aws:s3/bucket:Bucket';
const there = { urn: 'there', type: BUCKET, inputs: { bucket: 'there' } };
const begun = { urn: 'begun', type: BUCKET, inputs: { bucket: 'begun' } };
const nameless = { urn: 'nameless', type: 'aws:ec2/vpc:Vpc', inputs: { cidrBlock: '10.0.0.0/16' } };

test('what a killed run was making is taken for made where its id can be known, and looked at afterwards', () => {
  const pending_operations = [
    { resource: there, type: 'creating' },
    { resource: begun, type: 'creating' },
    { resource: nameless, type: 'creating' },
    { resource: { ...begun, urn: 'going' }, type: 'deleting' },
  ];
  expect(adoptPending({ resources: [there], pending_operations }, knownId)).toEqual({
    resources: [there, { ...begun, id: 'begun', outputs: { bucket: 'begun', id: 'begun' } }],
    pending_operations: [],
  });
});
