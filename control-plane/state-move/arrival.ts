import { RingfenceError } from '../../core/errors.js';
import { stateBucket } from '../../targets/aws/state/bucket.js';
import { placeName } from '../../targets/aws/state/place.js';
import { CLAIM, type Claim, changeClaim, claimPlace, findClaim } from '../project/state/claim.js';
import type { Place } from '../project/state/place-record.js';
import { listStacks } from '../project/state/stack-files.js';
import type { StateStore } from '../project/state/state-store.js';

/** A place, as the two ends of a move are. */
export interface End {
  readonly place: Place;
  readonly state: StateStore;
}

/**
 * Takes a place for stacks that are to come: empty but for those of an attempt that was given up.
 * @throws RingfenceError `conflict` for one that has stacks, or is another project's.
 */
export const beginArrival = async (
  { place, state }: End,
  project: string,
  env: NodeJS.ProcessEnv,
): Promise<void> => {
  const there = await listStacks(state);
  if (place === 'folder') {
    if (there.length > 0) throw isTaken(state.name);
    return;
  }
  const bucket = stateBucket(place, env);
  const known = await findClaim(bucket);
  if (there.length > 0 && known?.state !== 'arriving') throw isTaken(placeName(place));
  await claimPlace(bucket, place, { project, state: 'arriving' });
  await state.clear();
  await changeClaim(bucket, { project, state: 'arriving' });
};

const isTaken = (name: string): RingfenceError =>
  new RingfenceError('conflict', `${name} has stacks already`, {
    fix: 'name another prefix; only where nobody needs them, remove them first',
  });

/** Tells other machines how it is with a place. A folder is of one machine. */
export const mark = async (place: Place, env: NodeJS.ProcessEnv, claim: Claim): Promise<void> => {
  if (place !== 'folder') await changeClaim(stateBucket(place, env), claim);
};

/** Takes away what came to a place before the move was given up. */
export const endArrival = async ({ place, state }: End, env: NodeJS.ProcessEnv): Promise<void> => {
  await state.clear();
  if (place !== 'folder') await stateBucket(place, env).remove(CLAIM);
};
