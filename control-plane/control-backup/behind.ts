import { RingfenceError } from '../../core/errors.js';
import { lastAt, type OffsiteGeneration } from '../../data-plane/backup/offsite/generations.js';
import { isBehind } from '../../data-plane/backup/offsite/history-copy.js';
import { readRecord } from '../../data-plane/database/server/record.js';
import { controlDir } from '../project/control-database.js';
import type { Project } from '../project/project.js';

/**
 * `control_outdated` where the control database on this machine is an earlier one than the newest generation of its
 * backup: somebody put it back by hand. Undefined otherwise, and for a database that this machine does not run.
 */
export const behindItsBackup = (
  project: Project,
  newest: OffsiteGeneration | undefined,
): RingfenceError | undefined => {
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
