import { defineJob, type Job } from '../jobs/job.js';
import { listDueErasures } from '../tenants/erasures.js';
import { dueErasure } from './due-erasure.js';

const sweep = defineJob({
  task: 'erasure-sweep',
  schedules: [{ cron: '17 * * * *', tries: 1 }],
  run: async ({ runtime }, { add }) => {
    for (const slug of await listDueErasures(runtime.control, runtime.now()))
      await add('erasure', { slug }, { key: `erasure/${slug}`, tries: 3 });
  },
});

const erasure = defineJob<{ slug: string }>({
  task: 'erasure',
  schedules: [],
  run: (context, { payload, isLastTry }) => dueErasure(context, payload.slug, isLastTry),
});

export const ERASURE_JOBS: readonly Job[] = [sweep, erasure];
