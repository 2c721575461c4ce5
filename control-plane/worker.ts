import { Logger, parseCronItems, run, type TaskList } from 'graphile-worker';
import { sendAlert } from './cadences/alert.js';
import { CADENCE_PLANS, CADENCES, type Cadence } from './cadences/cadence.js';
import { runCadence } from './cadences/run-cadence.js';
import type { Runtime } from './runtime.js';

const DAY_MS = 86_400_000;

export interface WorkerOptions {
  /** Where results are written. */
  readonly folder: string;
  /** Told when a cadence finds something; a secret. */
  readonly webhook?: string;
  readonly say: (line: string) => void;
  /** Ends the worker once the jobs at hand are done. */
  readonly signal: AbortSignal;
}

/**
 * Runs the scheduled jobs of a project until `signal`: the cadences of isolation testing, in UTC. A cadence that was
 * missed while no worker ran is made up for when one starts. More workers share the jobs. A job that fails is tried
 * again with growing pauses.
 */
export const runWorker = async (runtime: Runtime, options: WorkerOptions): Promise<void> => {
  const scheduled = CADENCES.flatMap((cadence) => {
    const { cron, maxAgeDays } = CADENCE_PLANS[cadence];
    return cron === null ? [] : [{ cadence, cron, maxAgeDays }];
  });
  const tasks: TaskList = {
    'isolation-cadence': async (payload) => {
      const { cadence } = payload as { cadence: Cadence };
      const report = await runCadence(runtime, cadence, options);
      options.say(`${cadence}: ${report.outcome}, ${report.folder}`);
      if (report.outcome === 'found' && options.webhook) await sendAlert(options.webhook, report);
    },
  };
  const runner = await run({
    pgPool: runtime.control,
    taskList: tasks,
    concurrency: 1,
    noHandleSignals: true,
    parsedCronItems: parseCronItems(
      scheduled.map(({ cadence, cron, maxAgeDays }) => ({
        task: 'isolation-cadence',
        match: cron,
        identifier: `isolation-${cadence}`,
        payload: { cadence },
        options: { backfillPeriod: maxAgeDays * DAY_MS, maxAttempts: 5, jobKey: `isolation-${cadence}` },
      })),
    ),
    logger: new Logger(() => (level, message) => {
      if (level === 'error' || level === 'warning') options.say(message);
    }),
  });
  const stop = () => void runner.stop().catch(() => undefined);
  options.signal.addEventListener('abort', stop, { once: true });
  if (options.signal.aborted) stop();
  await runner.promise;
};
