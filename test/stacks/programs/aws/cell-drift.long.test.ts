import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { awsCellProgram } from '../../../../stacks/programs/aws/cell.js';
import { PLUGIN_CALLS } from '../../../../stacks/programs/aws/permissions/deployer.js';
import type { Properties } from '../../../../stacks/protocol/provider/resource.js';
import { EVERYTHING } from '../../../support/aws/cell-inputs.js';
import { openAwsEngine } from '../../../support/aws/engine.js';
import type { CloudEngine } from '../../../support/cloud-engine.js';

const program = awsCellProgram(EVERYTHING);

/** What somebody changes by hand in the console, by the name of the input. Others get a tag. */
const BY_HAND: Readonly<Record<string, Properties>> = {
  'aws:ec2/routeTableAssociation:RouteTableAssociation': { routeTableId: 'rtb-00000000000000000' },
  'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule': { cidrIpv4: '0.0.0.0/0' },
  'aws:kms/key:Key': { enableKeyRotation: false, policy: '{}' },
  'aws:kms/alias:Alias': { targetKeyId: 'another' },
  'aws:s3/bucketOwnershipControls:BucketOwnershipControls': { rule: { objectOwnership: 'ObjectWriter' } },
  'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock': { blockPublicPolicy: false },
  'aws:s3/bucketVersioning:BucketVersioning': { versioningConfiguration: { status: 'Suspended' } },
  'aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration': { rules: [] },
  'aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration': {
    rule: { defaultRetention: { mode: 'COMPLIANCE', years: 1 } },
  },
  'aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration': { rules: [] },
  'aws:s3/bucketPolicy:BucketPolicy': { policy: '{}' },
  'aws:cloudwatch/logGroup:LogGroup': { retentionInDays: 1 },
  'aws:cloudwatch/metricAlarm:MetricAlarm': { threshold: 1 },
  'aws:cloudwatch/logMetricFilter:LogMetricFilter': { pattern: 'nothing' },
  'aws:cloudwatch/eventTarget:EventTarget': { arn: 'arn:aws:sns:eu-west-1:210987654321:others' },
  'aws:ecs/service:Service': { desiredCount: 0, enableExecuteCommand: true },
  'aws:rds/parameterGroup:ParameterGroup': { parameters: [] },
  'aws:rds/instance:Instance': {
    publiclyAccessible: true,
    deletionProtection: false,
    backupRetentionPeriod: 0,
    multiAz: false,
  },
  'aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication': { retentionPeriod: 1 },
  'aws:iam/rolePolicy:RolePolicy': { policy: '{}' },
};

describe('the AWS part of a cell that somebody changes by hand', () => {
  let engine: CloudEngine;
  const stored = () => engine.stored();

  beforeAll(async () => {
    engine = await openAwsEngine();
    await engine.deploy(program);
  });
  afterAll(() => engine.close());

  test('drift by hand on every resource is found by a look, and mended by the next deployment', async () => {
    const before = stored();
    for (const thing of before) {
      const { attributes } = thing;
      const changes = BY_HAND[thing.type] ?? { tags: { ...(attributes.tags as object), by: 'hand' } };
      engine.cloud.put({ ...thing, attributes: { ...attributes, ...changes } });
    }
    const found = await engine.preview(program);
    const changing = found.filter(({ action }) => action === 'update' || action === 'replace');
    expect(new Set(changing.map(({ type, name }) => `${type} ${name}`)).size).toBe(before.length);
    await engine.deploy(program);
    expect(stored()).toEqual(before);
    const left = (await engine.preview(program)).filter(
      ({ action }) => !['same', 'refresh'].includes(action),
    );
    expect(left).toEqual([]);
  });

  test('what was deleted by hand is made again, and a protected database is not deleted', async () => {
    const before = stored();
    const deleted = before.filter(({ type }) => /:(?:MetricAlarm|LogGroup|BucketPolicy|Role)$/.test(type));
    for (const { type, id } of deleted) engine.cloud.remove(type, id);
    const { operations } = await engine.deploy(program);
    expect(operations.map(({ action }) => action)).toEqual(Array(deleted.length).fill('create'));
    expect(stored()).toEqual(before);
    await expect(engine.destroy()).rejects.toThrow('Cannot delete protected DB Instance');
    expect(stored().some(({ type }) => type.endsWith(':Instance'))).toBe(true);
  });

  test('the deployer’s permissions name each call of making, mending and removing it, and no other', async () => {
    const database = stored().find(({ type }) => type === 'aws:rds/instance:Instance');
    if (!database) throw new Error('there is no database');
    const attributes = { ...database.attributes, deletionProtection: false };
    engine.cloud.put({ ...database, attributes });
    await engine.destroy();
    const declared = Object.entries(PLUGIN_CALLS).flatMap(([type, calls]) =>
      Object.keys(calls).map((verb) => `${type} ${verb}`),
    );
    // CloudFormation, which the stand-in asks, makes another one; the plugin changes the one that is there.
    const changedInPlace = 'aws:ec2/routeTableAssociation:RouteTableAssociation update';
    expect(new Set([...engine.cloud.called, changedInPlace])).toEqual(new Set(declared));
  });
});
