import { RingfenceError } from '../../core/errors.js';
import { targetOf } from '../../targets/index.js';
import type { Cell } from './store.js';

/** @throws RingfenceError `usage` for a cell whose provider makes its replicas and fails over. */
export const refuseForeignReplica = ({
  name,
  target,
  address,
}: Pick<Cell, 'name' | 'target' | 'address'>): void => {
  const { isHere, provider, words } = targetOf({ target });
  if (isHere) return;
  throw new RingfenceError(
    'usage',
    `cell ${name} is on ${provider}, which makes replicas of ${words(address).server} and fails over by itself`,
    { fix: 'declare them there' },
  );
};
