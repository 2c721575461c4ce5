import { runningCells } from '../cells/cells-up.js';
import { cellsPassedOver, describePassedOver } from '../cells/passed-over.js';
import { defineJob, type Job } from '../jobs/job.js';
import type { TaskContext } from '../jobs/task.js';
import { dueBackups } from './due-backups.js';
import { rehearsal } from './rehearsal.js';
import { scheduledBackup } from './scheduled-backup.js';
import { scheduledBaseBackup } from './scheduled-base-backup.js';
import { listScheduledTenants } from './scheduled-tenants.js';

const TRIES = 5;
const REHEARSAL_KEY = 'restore-rehearsal';

/** Every minute: whose backup is due, each in its own time zone. */
const backupSweep = defineJob({
  task: 'backup-sweep',
  schedules: [{ cron: '* * * * *', tries: 1 }],
  run: async ({ runtime }, { add }) => {
    // The key keeps one job a tenant; one that waits for its next try stays as it is.
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

/** A cell that no base backup is taken of: each day. */
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
