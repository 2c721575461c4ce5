import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { awsCellProgram } from '../../../../stacks/programs/aws/cell.js';
import { EVERYTHING } from '../../../support/aws/cell-inputs.js';
import { openAwsEngine } from '../../../support/aws/engine.js';
import { RESOURCE_TYPES } from '../../../support/aws/resource-types.js';
import type { CloudEngine } from '../../../support/cloud-engine.js';

const program = awsCellProgram(EVERYTHING);

const COUNTS = {
  Alias: 2,
  Bucket: 1,
  BucketLifecycleConfiguration: 1,
  BucketObjectLockConfiguration: 1,
  BucketOwnershipControls: 1,
  BucketPolicy: 1,
  BucketPublicAccessBlock: 1,
  BucketServerSideEncryptionConfiguration: 1,
  BucketVersioning: 1,
  Cluster: 1,
  DefaultSecurityGroup: 1,
  EventRule: 3,
  EventTarget: 3,
  Instance: 1,
  InstanceAutomatedBackupsReplication: 1,
  Key: 3,
  LogGroup: 3,
  LogMetricFilter: 1,
  MetricAlarm: 7,
  ParameterGroup: 1,
  Role: 2,
  RolePolicy: 2,
  RouteTable: 1,
  RouteTableAssociation: 3,
  SecurityGroup: 4,
  SecurityGroupEgressRule: 3,
  SecurityGroupIngressRule: 2,
  Service: 1,
  Subnet: 3,
  SubnetGroup: 1,
  TaskDefinition: 1,
  Vpc: 1,
  VpcEndpoint: 7,
};
const ALL = Object.values(COUNTS).reduce((sum, count) => sum + count, 0);

describe('the AWS part of a cell, by the real engine on the strict stand-in', () => {
  let engine: CloudEngine;
  const stored = () => engine.stored();
  const counted = (types: readonly string[]): Record<string, number> =>
    Object.fromEntries(
      [...new Set(types)].sort().map((type) => [type, types.filter((one) => one === type).length]),
    );

  beforeAll(async () => {
    engine = await openAwsEngine();
  });
  afterAll(() => engine.close());

  test('a deployment that fails at the database is taken up again, every call failing once', async () => {
    engine.cloud.setFaults({ failures: { 'aws:rds/instance:Instance': 100 } });
    await expect(engine.deploy(program)).rejects.toThrow('ThrottlingException');
    expect(stored().some(({ type }) => type.endsWith(':Instance'))).toBe(false);
    const begun = stored().length;
    expect(begun).toBeGreaterThan(20);
    engine.cloud.setFaults({ failures: { '*': 1 } });
    const { outputs, operations } = await engine.deploy(program);
    expect(operations.map(({ action }) => action)).toEqual(Array(ALL - begun).fill('create'));
    expect(counted(stored().map(({ type }) => type.split(':').at(-1) ?? ''))).toEqual(COUNTS);
    expect(new Set(stored().map(({ type }) => type))).toEqual(new Set(Object.keys(RESOURCE_TYPES)));
    expect(outputs).toMatchObject({ instance: 'ringfence-clinics' });
    engine.cloud.setFaults({});
  });
});
