import { setTimeout as pause } from 'node:timers/promises';
import type { Applications } from '../move/applications.js';
import type { Lane } from '../move/messages.js';
import { longestGapMs, quantile, sharedMs } from '../move/samples.js';

const WARM_MS = 2_000;

/** Runs `work` while applications write and read. @returns what they saw, as a sentence. */
export const under = async (
  applications: Applications,
  lanes: readonly Lane[],
  work: () => Promise<void>,
): Promise<string> => {
  const refusedBefore = applications.done.problems.length;
  await applications.work(...lanes);
  await pause(WARM_MS);
  const fromMs = sharedMs();
  await work();
  const toMs = sharedMs();
  await pause(WARM_MS);
  const works = await applications.report(0);
  await applications.work();
  const gaps = works.map(
    ({ samples }) => longestGapMs(samples, { fromMs, toMs }) ?? Number.POSITIVE_INFINITY,
  );
  const acknowledged = works.reduce((sum, { writes }) => sum + writes, 0);
  const problems = applications.done.problems.slice(refusedBefore);
  return [
    `${applications.processes} applications meanwhile: ${acknowledged} writes acknowledged and read, ${problems.length} requests refused`,
    `longest time between two writes of one: ${quantile(gaps, 0.5).toFixed(0)} ms in the median, ${Math.max(...gaps).toFixed(0)} ms at most`,
    ...problems.slice(0, 5),
  ].join('\n');
};
