import type { Runtime } from '../../runtime.js';
import { type IsolationRun, lastRuns } from '../store.js';
import { CADENCE_PLANS, CADENCES, type Cadence } from './cadence.js';

const DAY_MS = 86_400_000;

export interface CadenceState {
  readonly cadence: Cadence;
  /** In UTC; null for what a pull request starts. */
  readonly cron: string | null;
  readonly last: IsolationRun | null;
  readonly overdue: boolean;
}

/** The last run of each cadence, and whether it is too long ago. */
export const cadenceStates = async (runtime: Runtime): Promise<CadenceState[]> => {
  const runs = await lastRuns(runtime.control);
  const nowMs = runtime.now().getTime();
  return CADENCES.map((cadence) => {
    const { cron, maxAgeDays } = CADENCE_PLANS[cadence];
    const last = runs.find((run) => run.cadence === cadence) ?? null;
    const overdue = cron !== null && (!last || nowMs - last.startedAt.getTime() > maxAgeDays * DAY_MS);
    return { cadence, cron, last, overdue };
  });
};
