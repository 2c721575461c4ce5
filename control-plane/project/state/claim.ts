import { z } from 'zod';
import { RingfenceError } from '../../../core/errors.js';
import type { StateBucket } from '../../../targets/aws/state/bucket.js';
import { placeName, type StatePlace } from '../../../targets/aws/state/place.js';

/** The project that a place belongs to. Stacks of two projects have the same names. */
const schema = z.object({ format: z.literal('ringfence-state'), version: z.literal(1), project: z.guid() });

export const CLAIM = 'ringfence-state.json';

/**
 * Writes the project into the place, where nobody has.
 * @throws RingfenceError conflict for the place of another project, which is left as it is.
 */
export const claimPlace = async (bucket: StateBucket, place: StatePlace, project: string): Promise<void> => {
  const text = `${JSON.stringify({ format: 'ringfence-state', version: 1, project })}\n`;
  if (await bucket.putOnce(CLAIM, text)) return;
  const owner = ownerOf(await bucket.read(CLAIM));
  if (owner === project) return;
  const name = placeName(place);
  throw new RingfenceError(
    'conflict',
    `${name} has the state of ${owner === undefined ? 'something else' : `project ${owner}`}, and this is project ${project}`,
    {
      fix: `give each project a prefix of its own in RINGFENCE_STATE; only where that project is gone, remove ${name}/${CLAIM} and ${name}/.pulumi`,
    },
  );
};

const ownerOf = (text: string | undefined): string | undefined => {
  try {
    return schema.parse(JSON.parse(text ?? '')).project;
  } catch {
    return undefined;
  }
};
