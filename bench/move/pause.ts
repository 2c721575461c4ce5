import { setTimeout as pause } from 'node:timers/promises';
import type { Moving } from '../../control-plane/moves/moving.js';
import type { Runtime } from '../../control-plane/runtime.js';
import type { Comparison } from '../measure.js';
import type { Applications } from './applications.js';
import { withLatency } from './latency.js';
import { type SwitchTimes, switchBack } from './moves.js';
import { longestGapMs, quantile, sharedMs } from './samples.js';
import type { MovableTenant } from './two-cells.js';

const GOAL_MS = 50;
const GOAL_ROUND_TRIPS = 6;
const SETTLED_MS = 1_000;
const ANSWER_MS = 30_000;

/** @returns the longest time between two acknowledged writes around these moments, of each process. */
export const gapsMs = async (applications: Applications, times: SwitchTimes): Promise<readonly number[]> => {
  const deadlineMs = sharedMs() + ANSWER_MS;
  for (;;) {
    const works = await applications.report(times.fromMs - 10_000);
    const gaps = works.map(({ samples }) => longestGapMs(samples, times));
    if (gaps.every((gap) => gap !== undefined)) return gaps;
    if (sharedMs() > deadlineMs) throw new Error('an application does not write any more');
    await pause(50);
  }
};

interface Scenario {
  readonly runtime: Runtime;
  readonly applications: Applications;
  readonly tenant: MovableTenant;
  /** Is open in the other cell. */
  readonly moving: Moving;
}

/** Pauses of moves and of rollbacks, and of as long times in which nothing moved. */
export const benchPause = async (
  { runtime, applications, tenant, moving }: Scenario,
  { rounds, roundTripMs = 0 }: { readonly rounds: number; readonly roundTripMs?: number },
): Promise<Comparison[]> => {
  const found = { there: [] as number[], back: [] as number[], alone: [] as number[] };
  const measure = async (far: Runtime): Promise<void> => {
    for (let round = 0; round < rounds; round++)
      for (const way of ['back', 'there'] as const) {
        await applications.work(tenant.writes);
        await pause(SETTLED_MS);
        const fromMs = sharedMs();
        found[way].push(...(await gapsMs(applications, await switchBack(far, moving))));
        const alone = { fromMs: fromMs - SETTLED_MS / 2, toMs: fromMs - SETTLED_MS / 4 };
        found.alone.push(...(await gapsMs(applications, alone)));
      }
  };
  await (roundTripMs === 0 ? measure(runtime) : withLatency(runtime, roundTripMs, measure));
  const where = roundTripMs === 0 ? '' : `, cells ${roundTripMs} ms apart`;
  const limitMs = GOAL_MS + GOAL_ROUND_TRIPS * roundTripMs;
  const of = `p99 of ${applications.processes} processes`;
  return [
    row(`pause of a move between writes, ${of}${where}`, found.there, limitMs),
    row(`pause of its rollback, ${of}${where}`, found.back, limitMs),
    row(`the same without a move${where}`, found.alone),
  ];
};

const row = (name: string, gaps: readonly number[], limitMs?: number): Comparison => {
  const measuredMs = quantile(gaps, 0.99);
  const median = `${quantile(gaps, 0.5).toFixed(1)} ms in the median`;
  return {
    name: `${name} (${median})`,
    baselineMs: limitMs ?? 0,
    measuredMs,
    figure: measuredMs,
    unit: 'ms',
    goal: limitMs === undefined ? 'no goal' : `<= ${limitMs} ms`,
    met: limitMs === undefined || measuredMs <= limitMs,
  };
};
