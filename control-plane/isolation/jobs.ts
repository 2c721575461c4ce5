import { defineJob, type Job } from '../jobs/job.js';
import { CADENCE_PLANS, CADENCES, type Cadence } from './cadences/cadence.js';
import { isolationCadence } from './isolation-cadence.js';

const keyOf = (cadence: Cadence): string => `isolation-${cadence}`;

const cadences = defineJob<{ cadence: Cadence }>({
  task: 'isolation-cadence',
  schedules: CADENCES.flatMap((cadence) => {
    const { cron, maxAgeDays } = CADENCE_PLANS[cadence];
    if (cron === null) return [];
    const key = keyOf(cadence);
    return [{ cron, backfillDays: maxAgeDays, tries: 5, key, identifier: key, payload: { cadence } }];
  }),
  run: (context, { payload: { cadence }, isRetry, postpone }) =>
    isolationCadence(context, cadence, { isRetry, postpone: (at) => postpone(keyOf(cadence), at) }),
});

export const ISOLATION_JOBS: readonly Job[] = [cadences];
