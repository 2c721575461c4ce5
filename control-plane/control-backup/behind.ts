import { RingfenceError } from '../../core/errors.js';
import {
  lastAt,
  newestGeneration,
  type OffsiteGeneration,
} from '../../data-plane/backup/offsite/generations.js';
import { isBehind } from '../../data-plane/backup/offsite/history-copy.js';
import { readRecord } from '../../data-plane/database/server/record.js';
import type { ObjectStores } from '../../stacks/protocol/provider/dependencies.js';
import { readControlAddress } from '../project/control-address.js';
import { controlDir } from '../project/control-database.js';
import type { Project } from '../project/project.js';
import { controlStore } from './offsite.js';

/**
 * Returns `control_outdated` when the control database on this machine is older than the newest generation of its backup:
 * somebody put it back by hand. Returns undefined otherwise, and for a database that this machine does not run.
 */
export const behindItsBackup = (
  project: Project,
  newest: OffsiteGeneration | undefined,
): RingfenceError | undefined => {
  // What lies on this machine is not the control database.
  if (readControlAddress(project)?.state === 'home') return undefined;
  const record = readRecord(controlDir(project));
  if (!record || !newest || !isBehind(record.dataDir, newest)) return undefined;
  return new RingfenceError(
    'control_outdated',
    `the control database is an earlier one than its own backup of ${new Date(lastAt(newest)).toISOString()}`,
    {
      fix: `bring that back: ringfence control restore --generation ${newest.name}; only to go on with this one: ringfence control reconcile --accept-older, then ringfence control backup`,
    },
  );
};

/**
 * Work goes on when the object store does not answer: a suspension must not wait for it.
 * @throws RingfenceError `control_outdated` where the object store has a later state than this one.
 */
export const refuseBehind = async (
  project: Project,
  objects: ObjectStores,
  say: (line: string) => void,
): Promise<void> => {
  if (readControlAddress(project)?.state === 'home') return;
  const there = await newestGeneration(controlStore(objects)).catch((error: unknown) => {
    const why = error instanceof RingfenceError ? error.message : String(error);
    say(`whether a later state of the control database was backed up is not known: ${why}`);
    return undefined;
  });
  const behind = behindItsBackup(project, there);
  if (behind) throw behind;
};
