import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { RingfenceError } from '../../../core/errors.js';
import { ifThere } from '../../../core/files/if-there.js';
import { parseStatePlace, placeName } from '../../../targets/aws/state/place.js';
import { type Project, passphraseFile, stateDir } from '../project.js';
import { bucketState } from './bucket-state.js';
import { folderState } from './folder-state.js';
import { formatPlace, type Place, readPlaceRecord } from './place-record.js';
import { CHECKPOINTS } from './stack-files.js';
import type { StateStore } from './state-store.js';

/**
 * The state of a project: where it has been since it began, else in the bucket of RINGFENCE_STATE, else in the project. Asks nobody.
 * @throws RingfenceError `config_invalid`; `conflict` while it is being moved, and where RINGFENCE_STATE names another place than it is in:
 * a run there would know nothing of what is deployed.
 */
export const openState = (project: Project, env: NodeJS.ProcessEnv): StateStore => {
  refuseWhileMoved(project);
  const asked = env.RINGFENCE_STATE ? parseStatePlace(env.RINGFENCE_STATE) : undefined;
  const home = homeOf(project);
  if (asked && home && formatPlace(home) !== formatPlace(asked)) throw isElsewhere(project, home, asked);
  const place = home ?? asked ?? 'folder';
  const state = stateAt(project, place, env);
  return {
    ...state,
    async requireHome() {
      refuseWhileMoved(project);
      const now = readPlaceRecord(project)?.place;
      if (now !== undefined && formatPlace(now) !== formatPlace(place)) throw wasMoved(nameOf(project, now));
      await state.requireHome();
    },
  };
};

/** The state at a place, whether the project's is there or not. */
export const stateAt = (project: Project, place: Place, env: NodeJS.ProcessEnv): StateStore =>
  place === 'folder'
    ? folderState({ dir: stateDir(project), passphraseFile: passphraseFile(project) })
    : bucketState(project, place, env);

/** Where it is; undefined before it is anywhere. */
export const homeOf = (project: Project): Place | undefined =>
  readPlaceRecord(project)?.place ?? (hasLocalStacks(project) ? 'folder' : undefined);

const hasLocalStacks = (project: Project): boolean =>
  (ifThere(() => readdirSync(join(stateDir(project), '.pulumi', CHECKPOINTS))) ?? []).some((name) =>
    name.endsWith('.json'),
  );

export const nameOf = (project: Project, place: Place): string =>
  place === 'folder' ? stateDir(project) : placeName(place);

/** For a shell: a place in a bucket has `?` and `&`. */
export const moveCommand = (to: Place): string =>
  to === 'folder' ? 'ringfence state move folder' : `ringfence state move '${formatPlace(to)}'`;

const refuseWhileMoved = (project: Project): void => {
  const record = readPlaceRecord(project);
  if (!record?.move) return;
  const { to, phase } = record.move;
  const back = phase === 'copying' ? `; to leave it where it is: ${moveCommand(record.place)}` : '';
  throw new RingfenceError(
    'conflict',
    `the state of this project is being moved to ${nameOf(project, to)}, or that was broken off`,
    { fix: `wait for it, or go on with it: ${moveCommand(to)}${back}` },
  );
};

const wasMoved = (to: string): RingfenceError =>
  new RingfenceError('conflict', `the state of this project was moved to ${to} meanwhile`, {
    fix: 'type the command again; a worker has to be started again',
  });

const isElsewhere = (project: Project, is: Place, asked: Place): RingfenceError =>
  new RingfenceError(
    'conflict',
    `the state of this project is in ${nameOf(project, is)}, and RINGFENCE_STATE names ${nameOf(project, asked)}`,
    {
      fix: `unset RINGFENCE_STATE to work on where the state is; to move it there: ${moveCommand(asked)}`,
    },
  );
