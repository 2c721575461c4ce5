import { defineCommand } from '../../command/define-command.js';
import { MOVE_OPTIONS, runRollback } from '../../moves/run-move.js';
import { withRuntime } from '../../runtime/with-runtime.js';

export const operationsRollback = defineCommand({
  name: 'rollback',
  description: 'bring a moved tenant back to the cell that it came from, with what was written since',
  arguments: ['<operation>'],
  options: { drainMs: MOVE_OPTIONS.drainMs, acceptLoss: MOVE_OPTIONS.acceptLoss },
  examples: ['ringfence operations rollback 3f0c2a1b --yes'],
  onWorker: { kind: 'operations rollback' },
  view: async () => (await import('../../../control-plane/moves/views.js')).moveView,
  run: async (context, options, id) => {
    const { movedTenant } = await import('../../../control-plane/moves/rollback-move.js');
    const { slug } = await withRuntime(context, (runtime) => movedTenant(runtime, id));
    await runRollback(context, slug, options);
  },
});
