import { inWindow, type Waiting } from '../jobs/in-window.js';
import { listMaintenanceWindows } from '../jobs/maintenance-windows.js';
import type { TaskContext } from '../jobs/task.js';
import { CADENCE_PLANS, type Cadence } from './cadences/cadence.js';
import { runCadence } from './cadences/run-cadence.js';
import { lastRuns } from './store.js';

const DAY_MS = 86_400_000;

/** Runs a cadence and alerts when it found something. A heavy one runs when most tenants have their window. */
export const isolationCadence = async (
  context: TaskContext,
  cadence: Cadence,
  queue: Pick<Waiting, 'isRetry' | 'postpone'>,
): Promise<void> => {
  const { heavy, maxAgeDays } = CADENCE_PLANS[cadence];
  if (!heavy) return run(context, cadence);
  const { control } = context.runtime;
  const last = (await lastRuns(control)).find((one) => one.cadence === cadence);
  const waiting = {
    what: `${cadence} isolation test`,
    windows: await listMaintenanceWindows(control),
    dueBy: new Date((last?.startedAt.getTime() ?? 0) + maxAgeDays * DAY_MS),
    ...queue,
  };
  await inWindow(context, waiting, () => run(context, cadence));
};

const run = async (context: TaskContext, cadence: Cadence): Promise<void> => {
  const { outcome, folder, steps } = await runCadence(context.runtime, cadence, context);
  context.say(`isolation tests, ${cadence}: ${outcome}, ${folder}`);
  if (outcome === 'clean') return;
  const found = steps.filter((step) => step.outcome === 'found');
  await context.alert({
    kind: 'isolation',
    text: `Ringfence ${cadence} isolation tests: ${found.map(({ step, summary }) => `${step}: ${summary}`).join('; ')}`,
    detail: { cadence, folder, found },
  });
};
