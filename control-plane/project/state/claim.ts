import { z } from 'zod';
import { RingfenceError } from '../../../core/errors.js';
import type { StateBucket } from '../../../targets/aws/state/bucket.js';
import { placeName, type StatePlace } from '../../../targets/aws/state/place.js';

const schema = z.strictObject({
  format: z.literal('ringfence-state'),
  version: z.literal(1),
  /** The project that a place belongs to. Stacks of two projects have the same names. */
  project: z.guid(),
  /** `arriving` while stacks are being copied to it, `left` from when they are being copied away: then no machine works on it. */
  state: z.enum(['arriving', 'home', 'left']),
  /** Where it went, for a person; of a place that it left. */
  to: z.string().optional(),
});

/** What a place in a bucket says about itself. */
export type Claim = Readonly<Pick<z.infer<typeof schema>, 'project' | 'state' | 'to'>>;

export const CLAIM = 'ringfence-state.json';

const textOf = (claim: Claim): string =>
  `${JSON.stringify({ format: 'ringfence-state', version: 1, ...claim })}\n`;

/**
 * Takes the place for a project, where nobody has. @returns what it says then.
 * @throws RingfenceError `conflict` for the place of another project, which is left as it is.
 */
export const claimPlace = async (
  bucket: StateBucket,
  place: StatePlace,
  { project, state }: Pick<Claim, 'project' | 'state'>,
): Promise<Claim> => {
  const there = await bucket.read(CLAIM);
  if (there === undefined && (await bucket.putOnce(CLAIM, textOf({ project, state }))))
    return { project, state };
  const claim = there === undefined ? await findClaim(bucket) : parse(there);
  if (claim?.project === project) return claim;
  const name = placeName(place);
  throw new RingfenceError(
    'conflict',
    `${name} has the state of ${claim === undefined ? 'something else' : `project ${claim.project}`}, and this is project ${project}`,
    {
      fix: `give each project a prefix of its own in RINGFENCE_STATE; only where that project is gone, remove ${name}/${CLAIM} and ${name}/.pulumi`,
    },
  );
};

/** Undefined for a place of nobody, and of something else. */
export const findClaim = async (bucket: StateBucket): Promise<Claim | undefined> =>
  parse(await bucket.read(CLAIM));

/** Says it anew. The place is the project's. */
export const changeClaim = (bucket: StateBucket, claim: Claim): Promise<void> =>
  bucket.put(CLAIM, textOf(claim));

/** @throws RingfenceError `conflict` for a place that the state is being moved to, or from. */
export const refuseMoving = (claim: Claim, place: StatePlace): void => {
  const name = placeName(place);
  if (claim.state === 'arriving')
    throw new RingfenceError('conflict', `the state is being moved to ${name}, and is not whole there`, {
      fix: 'wait for `ringfence state move`; if it was broken off, type it again on the machine where it began',
    });
  if (claim.state === 'left')
    throw new RingfenceError('conflict', `the state is moved from ${name} to ${claim.to ?? 'elsewhere'}`, {
      fix: 'wait for `ringfence state move`; then work where it went to: a bucket by RINGFENCE_STATE, in a folder without .ringfence/state.json; a folder on its machine',
    });
};

const parse = (text: string | undefined): Claim | undefined => {
  try {
    const { format: _, version: __, ...claim } = schema.parse(JSON.parse(text ?? ''));
    return claim;
  } catch {
    return undefined;
  }
};
