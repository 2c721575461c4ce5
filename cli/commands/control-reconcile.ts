import { reconcile } from '../../control-plane/recovery/reconcile.js';
import { describeReconciled } from '../print/reconciled.js';
import { withRuntime } from '../runtime/with-runtime.js';
import type { Context } from '../terminal/context.js';

/** `ringfence control reconcile` */
export const controlReconcile = async (context: Context): Promise<void> => {
  const told = await withRuntime(context, async (runtime) => {
    runtime.hasChanged();
    return reconcile(runtime);
  });
  context.result(told, () => describeReconciled(told));
};
