import { expect, test } from 'vitest';
import { awsNames } from '../../../../stacks/programs/aws/names.js';
import { policyFor } from '../../../../stacks/programs/aws/permissions/roles.js';
import { workerContainer } from '../../../../stacks/programs/aws/worker/container.js';
import { cellInputs, WORKER } from '../../../support/aws/cell-inputs.js';

const control = { region: 'eu-central-1', rdsInstance: 'ringfence-control-c0ffee01', network: null } as const;
const arn = 'arn:aws:rds:eu-central-1:123456789012:db:ringfence-control-c0ffee01';
const inputs = cellInputs({ worker: WORKER, control });

test('the container of the worker gets the place of the control database on RDS, and no secret of it', () => {
  const container = workerContainer({ inputs, names: awsNames('clinics') }, WORKER);
  expect(container).toMatchObject({
    environment: expect.arrayContaining([
      { name: 'RINGFENCE_CONTROL', value: 'rds://eu-central-1/ringfence-control-c0ffee01' },
    ]),
    secrets: [{ name: 'RINGFENCE_ALERT_WEBHOOK' }],
  });
  const given = { ...WORKER, secrets: { RINGFENCE_CONTROL: WORKER.secrets.RINGFENCE_ALERT_WEBHOOK ?? '' } };
  expect(() => cellInputs({ worker: given })).toThrow('that the cell does not give');
});

test('the role of the data plane asks for the address and the password of that instance, and of no other', () => {
  const statements = policyFor('worker', inputs);
  expect(statements.filter(({ Resource }) => String(Resource) === arn)).toEqual([
    {
      Effect: 'Allow',
      Action: [
        'rds:DescribeDBInstanceAutomatedBackups',
        'rds:DescribeDBInstances',
        'rds:DescribeDBSnapshots',
      ],
      Resource: [arn],
    },
  ]);
  const secrets = statements.filter(({ Action }) => String(Action) === 'secretsmanager:GetSecretValue');
  expect(secrets.map(({ Condition }) => Condition)).toContainEqual({
    StringEquals: { 'aws:ResourceTag/aws:rds:primaryDBInstanceArn': arn },
  });
  const without = JSON.stringify(policyFor('worker', cellInputs({ worker: WORKER })));
  expect(without).not.toContain('control');
});
