import { expect, test } from 'vitest';
import { stateStatements } from '../../../../../stacks/programs/aws/permissions/state.js';
import { STATE_CONTEXT } from '../../../../../targets/aws/state/engine-urls.js';
import { parseStatePlace } from '../../../../../targets/aws/state/place.js';

const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/1c9f2a34-5b6c-4d7e-8f90-a1b2c3d4e5f6';

test('the policy of a state is for its prefix, and uses its key in its context alone', () => {
  const place = parseStatePlace(`s3://clinic-state/one?region=eu-central-1&kmsKeyId=${KEY}`);
  const statements = stateStatements(place, STATE_CONTEXT);
  expect(statements.flatMap(({ Resource }) => Resource)).toEqual([
    'arn:aws:s3:::clinic-state',
    'arn:aws:s3:::clinic-state/one/*',
    KEY,
    KEY,
  ]);
  expect(statements.at(-1)).toEqual({
    Effect: 'Allow',
    Action: ['kms:Encrypt', 'kms:Decrypt'],
    Resource: [KEY],
    Condition: { StringEquals: { 'kms:EncryptionContext:purpose': 'ringfence-state' } },
  });
});
