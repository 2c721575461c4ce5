import { type Job, type JobHelpers, Logger, parseCronItems, run, type TaskList } from 'graphile-worker';
import { dueBackups } from '../backups/due-backups.js';
import { rehearsal } from '../backups/rehearsal.js';
import { scheduledBackup } from '../backups/scheduled-backup.js';
import { scheduledBaseBackup } from '../backups/scheduled-base-backup.js';
import { listScheduledTenants } from '../backups/scheduled-tenants.js';
import { runningCells } from '../cells/cells-up.js';
import { defencesCheck } from '../cells/defences-check.js';
import { cellsPassedOver, describePassedOver } from '../cells/passed-over.js';
import { controlBase, controlLog, controlRehearsal } from '../control-backup/jobs.js';
import { dueErasure } from '../erasure/due-erasure.js';
import { CADENCE_PLANS, CADENCES, type Cadence } from '../isolation/cadences/cadence.js';
import { isolationCadence } from '../isolation/isolation-cadence.js';
import { type Alert, sendAlert } from '../jobs/alert.js';
import type { Waiting } from '../jobs/in-window.js';
import type { TaskContext } from '../jobs/task.js';
import type { Runtime } from '../runtime.js';
import { listDueErasures } from '../tenants/erasures.js';

const DAY_MS = 86_400_000;
const BACKUP_TRIES = 5;
/** Mondays at 00:00 UTC; it waits for the tenant's window of the week. */
const REHEARSAL_CRON = '0 0 * * 1';
const REHEARSAL_KEY = 'restore-rehearsal';
/** Base backups of cells, UTC. */
const BASE_BACKUP_CRON = '40 0 * * *';
/** Looks at the defences of cells, UTC. */
const DEFENCES_CRON = '50 1 * * *';
const DEFENCES_TRIES = 3;
const ERASURE_TRIES = 3;
/** The log of the control database goes into the object store; its base backup, UTC. */
const CONTROL_LOG_CRON = '*/5 * * * *';
const CONTROL_BASE_CRON = '20 0 * * *';
/** Mondays, UTC. */
const CONTROL_REHEARSAL_CRON = '30 3 * * 1';

export interface WorkerOptions {
  /** Where results of isolation tests are written. */
  readonly folder: string;
  /** Is told what was found and what failed for good; a secret. */
  readonly webhook?: string;
  /** Jobs at once. */
  readonly concurrency: number;
  readonly say: (line: string) => void;
  /** Ends the worker once the jobs at hand are done. */
  readonly signal: AbortSignal;
}

/**
 * Runs the scheduled jobs of a project until `signal`: every tenant's backups, in its time zone, and, in UTC, the base
 * backups of cells and a look at their defences each day, the control database's own backup, erasures that are due, a restore into an empty cell each week, and the cadences of isolation
 * testing. A rehearsal, and isolation tests that are heavy, wait for maintenance windows. What was missed while no worker ran is made up for. More workers share the jobs; a tenant
 * is backed up by one at a time. A job that fails is tried again with growing pauses.
 */
export const runWorker = async (runtime: Runtime, options: WorkerOptions): Promise<void> => {
  const { say, folder, webhook } = options;
  const context: TaskContext = {
    runtime,
    folder,
    say,
    alert: async (alert: Alert) => {
      say(`ALERT ${alert.text}`);
      if (webhook) await sendAlert(webhook, alert);
    },
  };
  const runner = await run({
    pgPool: runtime.control,
    taskList: tasksOf(context),
    concurrency: options.concurrency,
    noHandleSignals: true,
    parsedCronItems: parseCronItems(cronItems()),
    logger: new Logger(() => (level, message) => {
      if (level === 'error') say(message);
    }),
  });
  const stop = () => void runner.stop().catch(() => undefined);
  options.signal.addEventListener('abort', stop, { once: true });
  if (options.signal.aborted) stop();
  await runner.promise;
};

const tasksOf = (context: TaskContext): TaskList => ({
  'isolation-cadence': (payload, helpers) => {
    const { cadence } = payload as { cadence: Cadence };
    return isolationCadence(context, cadence, queueOf(helpers, cadenceKey(cadence)));
  },
  'backup-sweep': async (_, { addJob }) => {
    const { runtime } = context;
    for (const { slug } of dueBackups(await listScheduledTenants(runtime.control), runtime.now())) {
      // The key keeps one job a tenant; one that waits for its next try stays as it is.
      const options = {
        jobKey: `backup/${slug}`,
        jobKeyMode: 'preserve_run_at',
        maxAttempts: BACKUP_TRIES,
      } as const;
      await addJob('backup', { slug }, options);
    }
  },
  'restore-rehearsal': (_, helpers) =>
    rehearsal(context, { ...queueOf(helpers, REHEARSAL_KEY), lastTry: isLastTry(helpers.job) }),
  'base-backup-sweep': async (_, { addJob }) => {
    for (const cell of await runningCells(context.runtime)) {
      const options = { jobKey: `base-backup/${cell}`, maxAttempts: BACKUP_TRIES };
      await addJob('base-backup', { cell }, options);
    }
    await tellPassedOver(context);
  },
  'base-backup': (payload, { job }) =>
    scheduledBaseBackup(context, (payload as { cell: string }).cell, isLastTry(job)),
  'defences-sweep': async (_, { addJob }) => {
    for (const cell of await runningCells(context.runtime))
      await addJob('defences-check', { cell }, { jobKey: `defences/${cell}`, maxAttempts: DEFENCES_TRIES });
  },
  'defences-check': (payload, { job }) =>
    defencesCheck(context, (payload as { cell: string }).cell, isLastTry(job)),
  backup: (payload, { job }) => scheduledBackup(context, (payload as { slug: string }).slug, isLastTry(job)),
  'erasure-sweep': async (_, { addJob }) => {
    const { runtime } = context;
    for (const slug of await listDueErasures(runtime.control, runtime.now()))
      await addJob('erasure', { slug }, { jobKey: `erasure/${slug}`, maxAttempts: ERASURE_TRIES });
  },
  'control-log': (_, { job }) => controlLog(context, isLastTry(job)),
  'control-base': (_, { job }) => controlBase(context, isLastTry(job)),
  'control-rehearsal': (_, { job }) => controlRehearsal(context, isLastTry(job)),
  erasure: (payload, { job }) => dueErasure(context, (payload as { slug: string }).slug, isLastTry(job)),
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

const cadenceKey = (cadence: Cadence): string => `isolation-${cadence}`;

/** A job that waits keeps its key, so that its next time finds it and there is one of it. */
const queueOf = ({ job, addJob }: JobHelpers, jobKey: string): Pick<Waiting, 'isRetry' | 'postpone'> => ({
  isRetry: job.attempts > 1,
  postpone: async (runAt) => {
    await addJob(job.task_identifier, job.payload, { jobKey, runAt, maxAttempts: job.max_attempts });
  },
});

const isLastTry = ({ attempts, max_attempts }: Job): boolean => attempts >= max_attempts;

const cronItems = () => [
  { task: 'backup-sweep', match: '* * * * *', options: { maxAttempts: 1 } },
  {
    task: 'restore-rehearsal',
    match: REHEARSAL_CRON,
    options: { backfillPeriod: 7 * DAY_MS, maxAttempts: 3, jobKey: REHEARSAL_KEY },
  },
  { task: 'base-backup-sweep', match: BASE_BACKUP_CRON, options: { backfillPeriod: DAY_MS, maxAttempts: 5 } },
  { task: 'defences-sweep', match: DEFENCES_CRON, options: { backfillPeriod: DAY_MS, maxAttempts: 5 } },
  { task: 'control-log', match: CONTROL_LOG_CRON, options: { maxAttempts: 1 } },
  {
    task: 'control-base',
    match: CONTROL_BASE_CRON,
    options: { backfillPeriod: DAY_MS, maxAttempts: BACKUP_TRIES },
  },
  {
    task: 'control-rehearsal',
    match: CONTROL_REHEARSAL_CRON,
    options: { backfillPeriod: 7 * DAY_MS, maxAttempts: 3, jobKey: 'control-rehearsal' },
  },
  { task: 'erasure-sweep', match: '17 * * * *', options: { maxAttempts: 1 } },
  ...CADENCES.flatMap((cadence) => {
    const { cron, maxAgeDays } = CADENCE_PLANS[cadence];
    if (cron === null) return [];
    const jobKey = cadenceKey(cadence);
    const options = { backfillPeriod: maxAgeDays * DAY_MS, maxAttempts: 5, jobKey };
    return [{ task: 'isolation-cadence', match: cron, identifier: jobKey, payload: { cadence }, options }];
  }),
];
