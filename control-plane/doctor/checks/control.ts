import { lastAt, newestGeneration } from '../../../data-plane/backup/offsite/generations.js';
import { behindItsBackup } from '../../control-backup/behind.js';
import { controlStore } from '../../control-backup/offsite.js';
import { isFreshProject } from '../../project/control-database.js';
import { refuseOlderStopped } from '../../project/control-position.js';
import { objectStores } from '../../project/object-stores.js';
import type { Check } from '../types.js';

const HOUR_MS = 3_600_000;
const OLD_HOURS = 24;

/** Checks that the control database is there, and says how old it would be if this machine were lost. */
export const checkControl: Check = async ({ project, env }) => {
  const name = 'control';
  if (await isFreshProject(project, env)) return { name, status: 'ok', detail: 'no control database yet' };
  refuseOlderStopped(project);
  const there = await newestGeneration(controlStore(objectStores(project, env)));
  const fix = 'take one with `ringfence control backup`; `ringfence worker` takes them by itself';
  if (!there) return { name, status: 'warn', detail: 'the control database has no backup yet', fix };
  const behind = behindItsBackup(project, there);
  if (behind) throw behind;
  const sentAt = new Date(lastAt(there));
  const hours = Math.floor((Date.now() - sentAt.getTime()) / HOUR_MS);
  const detail = `the control database was last backed up on ${sentAt.toISOString()}`;
  const data = { lastSentAt: sentAt.toISOString(), lastBaseAt: there.baseAt?.toISOString() };
  return hours < OLD_HOURS
    ? { name, status: 'ok', detail, data }
    : { name, status: 'warn', detail: `${detail}: ${hours} hours ago`, fix, data };
};
