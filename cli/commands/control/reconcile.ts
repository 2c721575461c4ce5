import { defineCommand } from '../../command/define-command.js';
import { describeReconciled } from '../../print/reconciled.js';
import { withRuntime } from '../../runtime/with-runtime.js';

export const controlReconcile = defineCommand({
  name: 'reconcile',
  description: 'take over what the objects know and it does not: keys, backups, tenants, erasures',
  run: async (context) => {
    const { reconcile } = await import('../../../control-plane/recovery/reconcile.js');
    const told = await withRuntime(context, async (runtime) => {
      runtime.hasChanged();
      return reconcile(runtime);
    });
    context.result(told, () => describeReconciled(told));
  },
});
