import { forkWarning, keepControl } from '../../control-plane/control-backup/keep.js';
import { recordControlHistoryDays } from '../../control-plane/project/store.js';
import { withRuntime } from '../runtime/with-runtime.js';
import type { Context } from '../terminal/context.js';

/** `ringfence control backup [--base] [--history-days <days>]` */
export const controlBackup = async (
  context: Context,
  options: { readonly base?: boolean; readonly historyDays?: number },
): Promise<void> => {
  const kept = await withRuntime(context, async (runtime) => {
    if (options.historyDays !== undefined)
      await recordControlHistoryDays(runtime.control, options.historyDays);
    return keepControl(runtime, { base: options.base === true });
  });
  if (kept.forkedFrom !== null) context.say(forkWarning(kept.forkedFrom));
  context.result(
    kept,
    () =>
      `${kept.base ? 'base backup and log' : 'log'} of the control database: ${kept.sentFiles} files sent, ${kept.removedObjects} objects no longer kept\n`,
  );
};
