import { expect, test } from 'vitest';
import { awsNames } from '../../../../stacks/programs/aws/names.js';
import { workerContainer } from '../../../../stacks/programs/aws/worker/container.js';
import { cellInputs, WORKER } from '../../../support/aws/cell-inputs.js';

const state =
  's3://clinic-state/one?region=eu-west-1&kmsKeyId=arn:aws:kms:eu-west-1:123456789012:key/1c9f2a34-5b6c-4d7e-8f90-a1b2c3d4e5f6';

test('the container of the worker gets the place of a state in S3, and no other way', () => {
  const inputs = cellInputs({ worker: WORKER, state });
  expect(workerContainer({ inputs, names: awsNames('clinics') }, WORKER)).toMatchObject({
    environment: expect.arrayContaining([{ name: 'RINGFENCE_STATE', value: state }]),
  });
  const without = workerContainer(
    { inputs: cellInputs({ worker: WORKER }), names: awsNames('clinics') },
    WORKER,
  );
  expect(JSON.stringify(without)).not.toContain('RINGFENCE_STATE');
  const given = { ...WORKER, secrets: { RINGFENCE_STATE: WORKER.secrets.RINGFENCE_ALERT_WEBHOOK ?? '' } };
  expect(() => cellInputs({ worker: given })).toThrow('that the cell does not give');
});
