import {
  type JobHelpers,
  Logger,
  parseCronItems,
  type Job as QueuedJob,
  run,
  type TaskList,
} from 'graphile-worker';
import { BACKUP_JOBS } from '../backups/jobs.js';
import { CELL_JOBS } from '../cells/jobs.js';
import { CONTROL_JOBS } from '../control-backup/jobs.js';
import { ERASURE_JOBS } from '../erasure/jobs.js';
import { ISOLATION_JOBS } from '../isolation/jobs.js';
import { type Alert, sendAlert } from '../jobs/alert.js';
import type { Attempt, Job } from '../jobs/job.js';
import type { TaskContext } from '../jobs/task.js';
import { KEY_JOBS } from '../keys/jobs.js';
import { MOVE_JOBS } from '../moves/jobs.js';
import type { Runtime } from '../runtime.js';
import { carryOutSubmission, type RunSubmitted } from '../submissions/carry-out.js';
import { SUBMISSION_TASK } from '../submissions/store.js';
import { takeUpLost } from '../submissions/take-up-lost.js';
import { beAtWork } from '../submissions/workers.js';
import { beginPulse } from './pulse.js';

const DAY_MS = 86_400_000;

const JOBS: readonly Job[] = [
  ...BACKUP_JOBS,
  ...CELL_JOBS,
  ...CONTROL_JOBS,
  ...ERASURE_JOBS,
  ...ISOLATION_JOBS,
  ...KEY_JOBS,
  ...MOVE_JOBS,
];

export interface WorkerOptions {
  /** Where results of isolation tests are written. */
  readonly folder: string;
  /** The webhook that gets findings and final failures; a secret. */
  readonly webhook?: string;
  /** Jobs at once. */
  readonly concurrency: number;
  readonly say: (line: string) => void;
  /** Called once it is found at work: from then on commands may be submitted. */
  readonly onWorking?: () => void;
  /** Ends the worker once the jobs at hand are done. */
  readonly signal: AbortSignal;
  /** A UUID, one for this worker and one for each run of a job. */
  readonly newId: () => string;
  /** Runs the commands that others have submitted. */
  readonly runSubmitted: RunSubmitted;
}

/**
 * Runs the jobs that the subjects of the control plane declare, until `signal`. Makes up for times that were missed while
 * no worker ran. Several workers share the jobs; jobs of one key run one at a time. A failed job is tried again with
 * growing pauses.
 */
export const runWorker = async (runtime: Runtime, options: WorkerOptions): Promise<void> => {
  const { say, folder, webhook, newId } = options;
  const context: TaskContext = {
    runtime,
    folder,
    say,
    alert: async (alert: Alert) => {
      say(`ALERT ${alert.text}`);
      if (webhook) await sendAlert(webhook, alert);
    },
  };
  const worker = newId();
  const runner = await run({
    pgPool: runtime.control,
    taskList: { ...tasksOf(context, newId), [SUBMISSION_TASK]: submissionTask(runtime, worker, options) },
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
  const done = new AbortController();
  const atWork = await beAtWork(runtime.control, worker, done.signal);
  const takingUp = takeUpLost(runtime.control, { say, signal: options.signal });
  const endPulse = await beginPulse(runtime);
  options.onWorking?.();
  try {
    await runner.promise;
  } finally {
    endPulse();
    done.abort();
    await Promise.all([atWork.ended, takingUp]);
  }
};

/** The job of a submission, whose payload is its id: the rest is in its record. */
const submissionTask =
  ({ control }: Runtime, worker: string, { runSubmitted, say }: WorkerOptions): TaskList[string] =>
  async (payload) => {
    const { id } = payload as { readonly id: string };
    await carryOutSubmission(control, { id, worker, run: runSubmitted, say });
  };

/** Each run of a job has a correlation of its own. */
const inOneRun = (context: TaskContext, correlationId: string): TaskContext => {
  const { runtime } = context;
  return { ...context, runtime: { ...runtime, caller: { ...runtime.caller, correlationId } } };
};

const tasksOf = (context: TaskContext, newId: () => string): TaskList =>
  Object.fromEntries(
    JOBS.map(({ task, run: work }) => [
      task,
      (payload, helpers) => work(inOneRun(context, newId()), attemptOf(payload, helpers)),
    ]),
  );

const attemptOf = (payload: unknown, { job, addJob }: JobHelpers): Attempt<unknown> => ({
  payload,
  isRetry: job.attempts > 1,
  isLastTry: isLastTry(job),
  postpone: async (jobKey, runAt) => {
    await addJob(job.task_identifier, job.payload, { jobKey, runAt, maxAttempts: job.max_attempts });
  },
  add: async (task, of, { key, tries, keepsTime }) => {
    const mode = keepsTime ? { jobKeyMode: 'preserve_run_at' as const } : {};
    await addJob(task, of, { jobKey: key, maxAttempts: tries, ...mode });
  },
});

const isLastTry = ({ attempts, max_attempts }: QueuedJob): boolean => attempts >= max_attempts;

const cronItems = () =>
  JOBS.flatMap(({ task, schedules }) =>
    schedules.map(({ cron, backfillDays, tries, key, identifier, payload }) => ({
      task,
      match: cron,
      ...(identifier ? { identifier } : {}),
      ...(payload ? { payload: { ...payload } } : {}),
      options: {
        maxAttempts: tries,
        ...(backfillDays === undefined ? {} : { backfillPeriod: backfillDays * DAY_MS }),
        ...(key ? { jobKey: key } : {}),
      },
    })),
  );
