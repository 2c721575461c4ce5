import { EXIT_STATUS } from '../../../core/errors.js';
import { defineCommand, NOT_ON_WORKER } from '../../command/define-command.js';
import { describeReconciled } from '../../print/reconciled.js';
import { withRuntime } from '../../runtime/with-runtime.js';
import { confirmByName, confirmOption } from '../../terminal/consent.js';

export const controlReconcile = defineCommand({
  name: 'reconcile',
  description: 'take over what the objects know and it does not: keys, backups, tenants, erasures',
  options: {
    acceptOlder: { description: 'go on with one that had got further before; asks for the name control' },
    confirm: { value: '<name>', description: 'control, for --accept-older where nobody can be asked' },
  },
  notOnWorker: NOT_ON_WORKER.ofProject,
  view: async () => (await import('../../../control-plane/recovery/views.js')).reconciledView,
  run: async (context, options) => {
    const { describeErasedIn, findKept } = await import('../../../control-plane/erasure/kept-data.js');
    const { reconcile } = await import('../../../control-plane/recovery/reconcile.js');
    const { acceptOlder = false } = options;
    if (acceptOlder)
      await confirmByName(
        context,
        'control',
        'This goes on with a control database that lacks what was done since: holds and suspensions are lost.',
        confirmOption('control', options.confirm),
      );
    const told = await withRuntime(
      context,
      async (runtime) => {
        runtime.hasChanged();
        const reconciled = await reconcile(runtime);
        const kept = await findKept(runtime.control, runtime.project);
        for (const { path } of kept) context.say(`kept aside: ${path}`);
        const erased = await describeErasedIn(runtime.control, kept);
        for (const problem of erased) context.say(problem);
        if (erased.length > 0) context.exitWith(EXIT_STATUS.erasure_incomplete);
        return reconciled;
      },
      { acceptOlder },
    );
    if (told.lost.length > 0) context.exitWith(EXIT_STATUS.backup_refused);
    context.result(told, () => describeReconciled(told));
  },
});
