import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { RingfenceError } from '../../../core/errors.js';
import { ifThere } from '../../../core/files/if-there.js';
import { formatStatePlace, parseStatePlace, placeName } from '../../../targets/aws/state/place.js';
import { type Project, passphraseFile, stateDir } from '../project.js';
import { bucketState } from './bucket-state.js';
import { folderState } from './folder-state.js';
import { readStatePlace } from './place-record.js';
import { CHECKPOINTS } from './stack-files.js';
import type { StateStore } from './state-store.js';

/**
 * The state of a project: where it has been since it began, else in the bucket of RINGFENCE_STATE, else in the project. Asks nobody.
 * @throws RingfenceError `config_invalid`; `conflict` where RINGFENCE_STATE names another place than the state is in: a run there would
 * know nothing of what is deployed.
 */
export const openState = (project: Project, env: NodeJS.ProcessEnv): StateStore => {
  const recorded = readStatePlace(project);
  const asked = env.RINGFENCE_STATE ? parseStatePlace(env.RINGFENCE_STATE) : undefined;
  if (recorded && asked && formatStatePlace(recorded) !== formatStatePlace(asked))
    throw isElsewhere(formatStatePlace(recorded), formatStatePlace(asked));
  if (asked && !recorded && hasLocalStacks(project)) throw isElsewhere(stateDir(project), placeName(asked));
  const place = recorded ?? asked;
  if (place) return bucketState(project, place, env);
  return folderState({ dir: stateDir(project), passphraseFile: passphraseFile(project) });
};

const hasLocalStacks = (project: Project): boolean =>
  (ifThere(() => readdirSync(join(stateDir(project), '.pulumi', CHECKPOINTS))) ?? []).some((name) =>
    name.endsWith('.json'),
  );

const isElsewhere = (is: string, asked: string): RingfenceError =>
  new RingfenceError(
    'conflict',
    `the state of this project is in ${is}, and RINGFENCE_STATE names ${asked}`,
    {
      fix: 'unset RINGFENCE_STATE to work on where the state is',
    },
  );
