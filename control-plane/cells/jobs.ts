import { defineJob, type Job } from '../jobs/job.js';
import { runningCells } from './cells-up.js';
import { defencesCheck } from './defences-check.js';

const sweep = defineJob({
  task: 'defences-sweep',
  schedules: [{ cron: '50 1 * * *', backfillDays: 1, tries: 5 }],
  run: async ({ runtime }, { add }) => {
    for (const cell of await runningCells(runtime))
      await add('defences-check', { cell }, { key: `defences/${cell}`, tries: 3 });
  },
});

const check = defineJob<{ cell: string }>({
  task: 'defences-check',
  schedules: [],
  run: (context, { payload, isLastTry }) => defencesCheck(context, payload.cell, isLastTry),
});

export const CELL_JOBS: readonly Job[] = [sweep, check];
