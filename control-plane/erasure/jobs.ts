import { defineJob, type Job } from '../jobs/job.js';
import type { TaskContext } from '../jobs/task.js';
import { toldWhenFailed } from '../jobs/told-when-failed.js';
import { listDueErasures } from '../tenants/erasures.js';
import { eraseTenant } from './erase-tenant.js';

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

/**
 * Carries out an erasure whose time has come, or that was killed.
 * @param lastTry alerts when this one fails too.
 */
const dueErasure = (context: TaskContext, slug: string, lastTry: boolean): Promise<void> => {
  const failing = {
    what: `erasure of ${slug}`,
    alert: (code: string) => ({
      kind: 'erasure' as const,
      text: `Ringfence could not erase ${slug}: ${code}. It tries again within the hour.`,
      detail: { tenant: slug, code },
    }),
    lastTry,
  };
  return toldWhenFailed(context, failing, async () => {
    const { id, tenantId } = await eraseTenant(context.runtime, slug);
    context.say(`tenant ${tenantId} is erased: certificate ${id}`);
  });
};
