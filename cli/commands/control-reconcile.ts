import { describeErasedIn, findKept } from '../../control-plane/erasure/kept-data.js';
import { reconcile } from '../../control-plane/recovery/reconcile.js';
import { EXIT_STATUS } from '../../core/errors.js';
import type { Context } from '../context.js';
import { describeReconciled } from '../describe-reconciled.js';
import { withRuntime } from '../with-runtime.js';

/** `ringfence control reconcile` */
export const controlReconcile = async (context: Context): Promise<void> => {
  const told = await withRuntime(context, async (runtime) => {
    runtime.hasChanged();
    const reconciled = await reconcile(runtime);
    const kept = await findKept(runtime.control, runtime.project);
    for (const { path } of kept) context.say(`kept aside: ${path}`);
    const erased = await describeErasedIn(runtime.control, kept);
    for (const problem of erased) context.say(problem);
    if (erased.length > 0) context.exitWith(EXIT_STATUS.erasure_incomplete);
    return reconciled;
  });
  context.result(told, () => describeReconciled(told));
};
