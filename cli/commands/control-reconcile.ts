import { reconcile } from '../../control-plane/recovery/reconcile.js';
import { EXIT_STATUS } from '../../core/errors.js';
import { type Context, confirmByName, confirmOption } from '../context.js';
import { describeReconciled } from '../describe-reconciled.js';
import { withRuntime } from '../with-runtime.js';

/** `ringfence control reconcile` */
export const controlReconcile = async (
  context: Context,
  options: { readonly acceptOlder?: boolean; readonly confirm?: string },
): Promise<void> => {
  if (options.acceptOlder)
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
      return reconcile(runtime);
    },
    { acceptOlder: options.acceptOlder },
  );
  if (told.lost.length > 0) context.exitWith(EXIT_STATUS.backup_refused);
  context.result(told, () => describeReconciled(told));
};
