import type { TaskContext } from '../jobs/task.js';
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

/** Brings what was written since into the object store. */
export const controlLog = (context: TaskContext, lastTry: boolean): Promise<void> =>
  toldWhenFailed(context, failing('backup', lastTry), async () => {
    const { forkedFrom } = await keepControl(context.runtime, { base: false });
    if (forkedFrom !== null) context.say(forkWarning(forkedFrom));
  });

/** Takes a base backup, and removes what the window does not need. */
export const controlBase = (context: TaskContext, lastTry: boolean): Promise<void> =>
  toldWhenFailed(context, failing('base backup', lastTry), async () => {
    const { sentFiles, removedObjects } = await keepControl(context.runtime, { base: true });
    context.say(
      `base backup of the control database: ${sentFiles} files sent, ${removedObjects} objects no longer kept`,
    );
  });

/** Restores it from the object store into a server of its own. */
export const controlRehearsal = (context: TaskContext, lastTry: boolean): Promise<void> =>
  toldWhenFailed(context, failing('rehearsal', lastTry), async () => {
    const { ms, tenants } = await rehearseControl(context.runtime);
    context.say(`rehearsal of the control database: ${tenants} tenants came back in ${ms} ms`);
  });
