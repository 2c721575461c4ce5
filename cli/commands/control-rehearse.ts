import { rehearseControl } from '../../control-plane/control-backup/rehearse.js';
import { withRuntime } from '../runtime/with-runtime.js';
import type { Context } from '../terminal/context.js';

/** `ringfence control rehearse` */
export const controlRehearse = async (context: Context): Promise<void> => {
  const rehearsal = await withRuntime(context, rehearseControl);
  context.result(
    rehearsal,
    () =>
      `the control database with ${rehearsal.tenants} tenants came back in ${(rehearsal.ms / 1_000).toFixed(1)} s; its last commit is of ${rehearsal.lastCommitAt.toISOString()}\n`,
  );
};
