import { keepHistory } from '../cells/cell-history.js';
import { runningCells } from '../cells/cells-up.js';
import { cellsPassedOver, describePassedOver } from '../cells/passed-over.js';
import { defineJob, type Job } from '../jobs/job.js';
import type { TaskContext } from '../jobs/task.js';
import { toldWhenFailed } from '../jobs/told-when-failed.js';
import { retireKeys } from '../keys/retire-keys.js';
import { getTenant } from '../tenants/store.js';
import { withTenant } from '../tenants/tenant-lock.js';
import { backUpAndVerify } from './backup-tenant.js';
import { dueBackups } from './due-backups.js';
import { pruneBackups } from './prune-backups.js';
import { rehearsal } from './rehearsal.js';
import { listScheduledTenants } from './schedules.js';

const TRIES = 5;
const REHEARSAL_KEY = 'restore-rehearsal';

/** Finds each minute the tenants whose backup is due, each in its own time zone. */
const backupSweep = defineJob({
  task: 'backup-sweep',
  schedules: [{ cron: '* * * * *', tries: 1 }],
  run: async ({ runtime }, { add }) => {
    // The key allows one job a tenant. A job that waits for its next try stays as it is.
    for (const { slug } of dueBackups(await listScheduledTenants(runtime.control), runtime.now()))
      await add('backup', { slug }, { key: `backup/${slug}`, tries: TRIES, keepsTime: true });
  },
});

const backup = defineJob<{ slug: string }>({
  task: 'backup',
  schedules: [],
  run: (context, { payload, isLastTry }) => scheduledBackup(context, payload.slug, isLastTry),
});

const baseBackupSweep = defineJob({
  task: 'base-backup-sweep',
  schedules: [{ cron: '40 0 * * *', backfillDays: 1, tries: 5 }],
  run: async (context, { add }) => {
    for (const cell of await runningCells(context.runtime))
      await add('base-backup', { cell }, { key: `base-backup/${cell}`, tries: TRIES });
    await tellPassedOver(context);
  },
});

/** Each day: cells without a base backup. */
const tellPassedOver = async (context: TaskContext): Promise<void> => {
  for (const one of await cellsPassedOver(context.runtime)) {
    const text = describePassedOver(one);
    if (one.state === 'lost')
      await context.alert({ kind: 'backup', text: `Ringfence: ${text}.`, detail: { ...one } });
    else context.say(`no base backup: ${text}`);
  }
};

const baseBackup = defineJob<{ cell: string }>({
  task: 'base-backup',
  schedules: [],
  run: (context, { payload, isLastTry }) => scheduledBaseBackup(context, payload.cell, isLastTry),
});

/** Mondays; it waits for the tenant's window of the week. */
const restoreRehearsal = defineJob({
  task: 'restore-rehearsal',
  schedules: [{ cron: '0 0 * * 1', backfillDays: 7, tries: 3, key: REHEARSAL_KEY }],
  run: (context, { isRetry, isLastTry, postpone }) =>
    rehearsal(context, { isRetry, lastTry: isLastTry, postpone: (at) => postpone(REHEARSAL_KEY, at) }),
});

export const BACKUP_JOBS: readonly Job[] = [
  backupSweep,
  backup,
  baseBackupSweep,
  baseBackup,
  restoreRehearsal,
];

/**
 * Takes a cell's base backup, and removes everything older than its window needs.
 * @param lastTry alerts when this one fails too.
 */
const scheduledBaseBackup = (context: TaskContext, cell: string, lastTry: boolean): Promise<void> => {
  const failing = {
    what: `base backup of cell ${cell}`,
    alert: (code: string) => ({
      kind: 'backup' as const,
      text: `Ringfence could not take a base backup of cell ${cell}: ${code}. It will be tried again tomorrow.`,
      detail: { cell, code },
    }),
    lastTry,
  };
  return toldWhenFailed(context, failing, async () => {
    const { base, removedBases, removedSegments } = await keepHistory(context.runtime, cell);
    context.say(
      base === null
        ? `its provider keeps the backups of cell ${cell} for as long as it wants`
        : `base backup of cell ${cell}; ${removedBases} older ones and ${removedSegments} WAL segments no longer kept`,
    );
  });
};

/**
 * Takes a tenant's backup, proves it in a scratch schema, and removes expired backups.
 * @param lastTry alerts when this one fails too.
 */
const scheduledBackup = (context: TaskContext, slug: string, lastTry: boolean): Promise<void> => {
  const { runtime, say } = context;
  const failing = {
    what: `backup of ${slug}`,
    alert: (code: string) => ({
      kind: 'backup' as const,
      text: `Ringfence could not back up ${slug}: ${code}. It will be tried again at its next time.`,
      detail: { tenant: slug, code },
    }),
    lastTry,
  };
  return toldWhenFailed(context, failing, () =>
    withTenant(runtime, slug, async () => {
      const tenant = await getTenant(runtime.control, slug);
      const { id, rows } = await backUpAndVerify(runtime, tenant);
      const pruned = await pruneBackups(runtime, tenant);
      await retireKeys(runtime, tenant);
      say(`backup of ${slug}: ${id}, ${rows} rows, verified; ${pruned.length} no longer kept`);
    }),
  );
};
