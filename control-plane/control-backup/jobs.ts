import { defineJob, type Job } from '../jobs/job.js';
import { toldWhenFailed } from '../jobs/told-when-failed.js';
import { forkWarning, keepControl } from './keep.js';
import { rehearseControl } from './rehearse.js';

const failing = (what: string, lastTry: boolean) => ({
  what: `${what} of the control database`,
  alert: (code: string) => ({
    kind: 'backup' as const,
    text: `Ringfence has no new ${what} of the control database: ${code}. Without it nothing can be read on another machine.`,
    detail: { code },
  }),
  lastTry,
});

/** Brings new log into the object store. */
const log = defineJob({
  task: 'control-log',
  schedules: [{ cron: '*/5 * * * *', tries: 1 }],
  run: (context, { isLastTry }) =>
    toldWhenFailed(context, failing('backup', isLastTry), async () => {
      const { forkedFrom } = await keepControl(context.runtime, { base: false });
      if (forkedFrom !== null) context.say(forkWarning(forkedFrom));
    }),
});

/** Takes a base backup, and removes what the window does not need. */
const base = defineJob({
  task: 'control-base',
  schedules: [{ cron: '20 0 * * *', backfillDays: 1, tries: 5 }],
  run: (context, { isLastTry }) =>
    toldWhenFailed(context, failing('base backup', isLastTry), async () => {
      const { sentFiles, removedObjects } = await keepControl(context.runtime, { base: true });
      context.say(
        `base backup of the control database: ${sentFiles} files sent, ${removedObjects} objects no longer kept`,
      );
    }),
});

/** Mondays: restores it from the object store into a server of its own. */
const rehearsal = defineJob({
  task: 'control-rehearsal',
  schedules: [{ cron: '30 3 * * 1', backfillDays: 7, tries: 3, key: 'control-rehearsal' }],
  run: (context, { isLastTry }) =>
    toldWhenFailed(context, failing('rehearsal', isLastTry), async () => {
      const { ms, tenants } = await rehearseControl(context.runtime);
      context.say(`rehearsal of the control database: ${tenants} tenants came back in ${ms} ms`);
    }),
});

export const CONTROL_JOBS: readonly Job[] = [log, base, rehearsal];
