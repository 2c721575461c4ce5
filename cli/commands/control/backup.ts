import { defineCommand } from '../../command/define-command.js';
import { parseDays } from '../../command/option-values.js';
import { withRuntime } from '../../runtime/with-runtime.js';

export const controlBackup = defineCommand({
  name: 'backup',
  description: 'bring it into the object store, sealed; the worker and every operation do so by themselves',
  options: {
    base: {
      description:
        'take a base backup too, and remove what the window does not need; the worker does it daily',
    },
    historyDays: {
      value: '<days>',
      description: 'how far back it can be restored; 7 at first',
      parse: parseDays(1, 28),
    },
  },
  view: async () => (await import('../../../control-plane/control-backup/views.js')).controlKeptView,
  run: async (context, options) => {
    const { forkWarning, keepControl } = await import('../../../control-plane/control-backup/keep.js');
    const { base = false, historyDays } = options;
    const { kept, onRds } = await withRuntime(context, async (runtime) => ({
      kept: await keepControl(runtime, { base, ...(historyDays === undefined ? {} : { historyDays }) }),
      onRds: runtime.controlServer !== undefined,
    }));
    if (kept.forkedFrom !== null) context.say(forkWarning(kept.forkedFrom));
    context.result(kept, () =>
      onRds
        ? `RDS keeps the backups of the control database; erasures and the signing key are noted in the object store, ${kept.removedObjects} objects of the former one no longer kept\n`
        : `${kept.base ? 'base backup and log' : 'log'} of the control database: ${kept.sentFiles} files sent, ${kept.removedObjects} objects no longer kept\n`,
    );
  },
});
