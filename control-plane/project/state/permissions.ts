import { RingfenceError } from '../../../core/errors.js';
import { STATE_CONTEXT } from '../../../targets/aws/state/engine-urls.js';
import { parseStatePlace, placeName } from '../../../targets/aws/state/place.js';
import type { Project } from '../project.js';
import { readStatePlace } from './place-record.js';

/**
 * The policy of IAM with all that a state in S3 needs, for whoever deploys. Asks nobody.
 * @throws RingfenceError usage for a state that is in the project.
 */
export const statePermissions = async (project: Project, env: NodeJS.ProcessEnv) => {
  // The place that it is to move to comes first: its rights come before it.
  const place = env.RINGFENCE_STATE ? parseStatePlace(env.RINGFENCE_STATE) : readStatePlace(project);
  if (place === undefined)
    throw new RingfenceError('usage', 'the state of this project is in the project, and needs no rights', {
      fix: 'set RINGFENCE_STATE to the bucket that is to have it: docs/aws.md, "State in S3"',
    });
  const { stateStatements } = await import('../../../stacks/programs/aws/permissions/state.js');
  return {
    place: placeName(place),
    region: place.region,
    key: place.key.arn,
    policy: { Version: '2012-10-17' as const, Statement: stateStatements(place, STATE_CONTEXT) },
  };
};
