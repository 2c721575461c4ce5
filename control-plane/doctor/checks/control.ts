import { lastAt, newestGeneration } from '../../../data-plane/backup/offsite/generations.js';
import { behindItsBackup } from '../../control-backup/behind.js';
import { controlStore } from '../../control-backup/offsite.js';
import { type ControlAddress, controlUrl, readControlAddress } from '../../project/control-address.js';
import { isFreshProject } from '../../project/control-database.js';
import { refuseOlderStopped } from '../../project/control-position.js';
import { openControlServer } from '../../project/control-server.js';
import { objectStores } from '../../project/object-stores.js';
import type { Check, CheckContext, DoctorCheck } from '../types.js';

const HOUR_MS = 3_600_000;
const OLD_HOURS = 24;

/** Checks that the control database is there, and says how old it would be if this machine were lost. */
export const checkControl: Check = async ({ project, env }) => {
  const name = 'control';
  if (await isFreshProject(project, env)) return { name, status: 'ok', detail: 'no control database yet' };
  const address = readControlAddress(project);
  if (address) return checkOnRds({ project, env }, address);
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

/** RDS keeps its history. An address alone says nothing: it is asked. */
const checkOnRds = async (
  { project, env }: Pick<CheckContext, 'project' | 'env'>,
  address: ControlAddress,
): Promise<DoctorCheck> => {
  const name = 'control';
  const on = `on ${controlUrl(address)}`;
  if (address.state === 'arriving')
    return {
      name,
      status: 'fail',
      detail: `the control database was being carried to ${controlUrl(address)}`,
      fix: 'type `ringfence control up` again, which goes on',
    };
  const context = { env, reached: () => undefined, say: () => undefined };
  const window = await (await openControlServer(project, address, context)).history().window();
  const data = { from: window?.from.toISOString(), to: window?.to.toISOString() };
  return window === undefined
    ? {
        name,
        status: 'warn',
        detail: `the control database is ${on}, and RDS cannot restore it yet`,
        fix: 'wait for its first backup; its backup retention period has to be a day or more',
      }
    : {
        name,
        status: 'ok',
        detail: `the control database is ${on}; RDS restores it to any second until ${data.to}`,
        data,
      };
};
