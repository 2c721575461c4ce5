import { defineJob, type Job } from '../jobs/job.js';
import { toldWhenFailed } from '../jobs/told-when-failed.js';
import type { Runtime } from '../runtime.js';
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

/** RDS keeps the history of a control database that it has: there is no log to bring anywhere, and nothing to rehearse. */
const isKeptByRds = ({ controlServer }: Runtime): boolean => controlServer !== undefined;

/** Brings new log into the object store. */
const log = defineJob({
  task: 'control-log',
  schedules: [{ cron: '*/5 * * * *', tries: 1 }],
  run: (context, { isLastTry }) =>
    toldWhenFailed(context, failing('backup', isLastTry), async () => {
      if (isKeptByRds(context.runtime)) return;
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
      const { base, sentFiles, removedObjects } = await keepControl(context.runtime, { base: true });
      if (!base)
        return context.say(
          'RDS keeps the backups of the control database; erasures are noted beside the tenants’',
        );
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
      if (isKeptByRds(context.runtime)) return;
      const { ms, tenants } = await rehearseControl(context.runtime);
      context.say(`rehearsal of the control database: ${tenants} tenants came back in ${ms} ms`);
    }),
});

export const CONTROL_JOBS: readonly Job[] = [log, base, rehearsal];
