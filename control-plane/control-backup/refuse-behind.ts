import { RingfenceError } from '../../core/errors.js';
import { newestGeneration } from '../../data-plane/backup/offsite/generations.js';
import type { ObjectStores } from '../../stacks/protocol/provider/dependencies.js';
import type { Project } from '../project/project.js';
import { behindItsBackup } from './behind.js';
import { controlStore } from './offsite.js';

/**
 * Where the object store does not answer, work goes on: a suspension must not wait for it.
 * @throws RingfenceError `control_outdated` where the object store has a later state than this one.
 */
export const refuseBehind = async (
  project: Project,
  objects: ObjectStores,
  say: (line: string) => void,
): Promise<void> => {
  const there = await newestGeneration(controlStore(objects)).catch((error: unknown) => {
    const why = error instanceof RingfenceError ? error.message : String(error);
    say(`whether a later state of the control database was backed up is not known: ${why}`);
    return undefined;
  });
  const behind = behindItsBackup(project, there);
  if (behind) throw behind;
};
