import { expect, test } from 'vitest';
import { userOf } from '../../../targets/edge/worker/user-of.js';

const asks = (token: string) => userOf(new Headers({ authorization: `Bearer ${token}` }));

test('the name of a user is kept, but not under a token so long that many of them would fill an isolate', async () => {
  const name = await asks('t'.repeat(4_096));
  expect(asks('t'.repeat(4_096))).toBe(name);
  const long = await asks('t'.repeat(4_097));
  expect(asks('t'.repeat(4_097))).toBeInstanceOf(Promise);
  expect(await asks('t'.repeat(4_097))).toBe(long);
});
