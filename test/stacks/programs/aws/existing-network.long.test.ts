import { afterAll, beforeAll, expect, test } from 'vitest';
import { awsCellProgram } from '../../../../stacks/programs/aws/cell.js';
import { stateStatements } from '../../../../stacks/programs/aws/permissions/state.js';
import { STATE_CONTEXT } from '../../../../targets/aws/state/engine-urls.js';
import { parseStatePlace } from '../../../../targets/aws/state/place.js';
import { cellInputs, WORKER } from '../../../support/aws/cell-inputs.js';
import { openAwsEngine } from '../../../support/aws/engine.js';
import type { CloudEngine } from '../../../support/cloud-engine.js';

const REGION = 'eu-west-1';
const CONTROL_CLIENTS = 'sg-0123456789abcdef0';
const VPC = 'vpc-0123456789abcdef0';
const SUBNETS = ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'];
let engine: CloudEngine;

/** Subnets as somebody else made them, in these zones. */
const makeNetwork = (zones: readonly string[]): void => {
  const attributes = { cidrBlock: '172.16.0.0/16' };
  engine.cloud.put({ type: 'aws:ec2/vpc:Vpc', id: VPC, region: REGION, attributes });
  for (const [index, id] of SUBNETS.entries())
    engine.cloud.put({
      type: 'aws:ec2/subnet:Subnet',
      id,
      region: REGION,
      attributes: { availabilityZone: zones[index], vpcId: VPC },
    });
};

beforeAll(async () => {
  engine = await openAwsEngine();
});
afterAll(() => engine.close());

test('a cell is made in a network that is there already, unless it has one zone', async () => {
  const program = awsCellProgram(cellInputs({ network: { vpcId: VPC, subnetIds: SUBNETS } }));
  await expect(engine.deploy(program)).rejects.toThrow('there is no');
  makeNetwork(['eu-west-1a', 'eu-west-1a']);
  await expect(engine.deploy(program)).rejects.toThrow('DBSubnetGroupDoesNotCoverEnoughAZs');
  makeNetwork(['eu-west-1a', 'eu-west-1b']);
  await engine.deploy(program);
  const types = engine.cloud.list().map(({ type }) => type.split(':').at(-1));
  // 39 of a cell with its own network, without the ten of that, and what was there.
  expect(types).toHaveLength(39 - 10 + 3);
  expect(types).not.toContain('RouteTable');
  await engine.deploy(
    awsCellProgram(cellInputs({ network: { vpcId: VPC, subnetIds: SUBNETS }, worker: WORKER })),
  );
  const after = engine.cloud.list().map(({ type }) => type.split(':').at(-1));
  // The worker goes out by the ways that are there: no endpoints, one group and one rule.
  expect(after).toHaveLength(types.length + 10);
  expect(after).not.toContain('VpcEndpoint');
  engine.cloud.put({
    type: 'aws:ec2/securityGroup:SecurityGroup',
    id: CONTROL_CLIENTS,
    region: REGION,
    attributes: { vpcId: VPC },
  });
  // Beside the control database it is a client of that too; a group of another network cannot be joined.
  const groupsWith = async (vpcId: string): Promise<unknown> => {
    const control = {
      region: 'eu-west-1',
      rdsInstance: 'ringfence-control-c0ffee01',
      network: { vpcId, clientsSecurityGroup: CONTROL_CLIENTS },
    } as const;
    await engine.deploy(
      awsCellProgram(cellInputs({ network: { vpcId: VPC, subnetIds: SUBNETS }, worker: WORKER, control })),
    );
    const service = engine.cloud.list().find(({ type }) => type.endsWith(':Service'));
    const { securityGroups } = (service?.attributes.networkConfiguration ?? {}) as {
      securityGroups?: string[];
    };
    return securityGroups;
  };
  expect(await groupsWith('vpc-0123456789abcdef9')).toHaveLength(2);
  expect(await groupsWith(VPC)).toContain(CONTROL_CLIENTS);
  // The engine's state in S3 is the project's: a policy of its own on the role, as `state permissions` has it.
  const key = 'arn:aws:kms:eu-west-1:123456789012:key/1c9f2a34-5b6c-4d7e-8f90-a1b2c3d4e5f6';
  const state = `s3://clinic-state/one?region=eu-west-1&kmsKeyId=${key}`;
  const network = { vpcId: VPC, subnetIds: SUBNETS };
  await engine.deploy(awsCellProgram(cellInputs({ network, worker: WORKER, state })));
  const policy = engine.cloud
    .list()
    .find(({ type, attributes }) => type.endsWith(':RolePolicy') && attributes.name === 'state');
  expect(JSON.parse(String(policy?.attributes.policy))).toMatchObject({
    Statement: stateStatements(parseStatePlace(state), STATE_CONTEXT),
  });
});
