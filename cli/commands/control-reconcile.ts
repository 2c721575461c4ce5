import { reconcile } from '../../control-plane/recovery/reconcile.js';
import type { Context } from '../context.js';
import { describeReconciled } from '../describe-reconciled.js';
import { withRuntime } from '../with-runtime.js';

/** `ringfence control reconcile` */
export const controlReconcile = async (context: Context): Promise<void> => {
  const told = await withRuntime(context, async (runtime) => {
    runtime.hasChanged();
    return reconcile(runtime);
  });
  context.result(told, () => describeReconciled(told));
};
