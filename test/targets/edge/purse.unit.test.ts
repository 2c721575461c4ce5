import { expect, it } from 'vitest';
import { createPurse } from '../../../targets/edge/limits/purse.js';

it('says costs and refusals again that the object never heard of, once it answers', () => {
  const purse = createPurse();
  purse.addCost(7);
  purse.countRefused('burst');
  const lost = purse.settle(0);
  expect(lost).toEqual({ ended: [], refused: { burst: 1 }, costMicroEur: 7 });
  expect(purse.settle(0)).toBeUndefined();
  if (lost) purse.sayAgain(lost);
  purse.addCost(3);
  purse.countRefused('burst');
  expect(purse.begin(0).settlement).toEqual({ ended: [], refused: { burst: 2 }, costMicroEur: 10 });
});
