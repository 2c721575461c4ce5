import { RingfenceError } from '../../../core/errors.js';
import type { BaseBackup } from './base-backup.js';
import type { HistoryWindow } from './cell-history.js';
import { leadsTo, type Timeline, timelineAt } from './timelines.js';

/** The newest base backup from which a time can be recovered; without a time, the end of the newest timeline. */
export const baseFor = (
  bases: readonly BaseBackup[],
  timelines: readonly Timeline[],
  at?: Date,
): BaseBackup | undefined => {
  const timeline = timelineAt(timelines, at);
  return bases
    .filter((base) => (at === undefined || base.finishedAt <= at) && leadsTo(timelines, base, timeline))
    .at(-1);
};

/** @throws RingfenceError usage for a time that is still to come; backup_not_found, naming the window. */
export const chooseBase = (
  bases: readonly BaseBackup[],
  timelines: readonly Timeline[],
  at: Date,
  now: Date,
  window: HistoryWindow | undefined,
): BaseBackup => {
  const range = window
    ? `any second from ${window.from.toISOString()} to ${window.to.toISOString()} can be reached`
    : 'take a base backup with `ringfence backups base`: from then on every second can be reached';
  if (at > now) throw new RingfenceError('usage', `${at.toISOString()} is still to come`, { fix: range });
  const chosen = baseFor(bases, timelines, at);
  if (chosen) return chosen;
  throw new RingfenceError(
    'backup_not_found',
    `the cell has no base backup of ${at.toISOString()} or before`,
    { fix: range },
  );
};

/** The base backup that times from `limit` on begin with is needed, and so are all later ones; older ones are not. */
export const byNeed = (
  bases: readonly BaseBackup[],
  timelines: readonly Timeline[],
  limit: Date,
): { readonly kept: readonly BaseBackup[]; readonly expired: readonly BaseBackup[] } => {
  const needed = baseFor(bases, timelines, limit);
  const first = needed === undefined ? 0 : bases.indexOf(needed);
  return { kept: bases.slice(first), expired: bases.slice(0, first) };
};
