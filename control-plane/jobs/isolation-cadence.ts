import type { Cadence } from '../cadences/cadence.js';
import { runCadence } from '../cadences/run-cadence.js';
import type { TaskContext } from './task.js';

/** Runs a cadence and alerts when it found something. */
export const isolationCadence = async (context: TaskContext, cadence: Cadence): Promise<void> => {
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
