import { defineCommand } from '../../command/define-command.js';
import { table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';

export const erasuresList = defineCommand({
  name: 'list',
  description: 'every erasure, newest first; an erased tenant by its id',
  view: async () => (await import('../../../control-plane/erasure/views.js')).listedErasuresView,
  run: async (context) => {
    const { listAskedErasures } = await import('../../../control-plane/erasure/list-erasures.js');
    const erasures = await withRuntime(context, listAskedErasures);
    context.result(erasures, () =>
      table(
        ['erasure', 'tenant', 'state', 'asked for', 'due', 'finished', 'reason'],
        erasures.map((erasure) => [
          erasure.id,
          erasure.slug ?? erasure.tenantId,
          erasure.state,
          erasure.requestedAt.toISOString(),
          erasure.dueAt.toISOString(),
          erasure.finishedAt?.toISOString() ?? '-',
          erasure.reason,
        ]),
      ),
    );
  },
});
