import { defineCommand } from '../../command/define-command.js';
import { table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';

export const holdsList = defineCommand({
  name: 'list',
  description: 'every hold, newest first',
  arguments: ['<tenant>'],
  view: async () => (await import('../../../control-plane/holds/views.js')).listedHoldsView,
  run: async (context, _options, slug) => {
    const { listTenantHolds } = await import('../../../control-plane/holds/tenant-holds.js');
    const holds = await withRuntime(context, (runtime) => listTenantHolds(runtime, slug));
    context.result(holds, () =>
      table(
        ['hold', 'kind', 'state', 'placed', 'by', 'until', 'reason'],
        holds.map((hold) => [
          hold.id,
          hold.kind,
          hold.active ? 'active' : hold.releasedAt ? `released by ${hold.releasedBy}` : 'over',
          hold.placedAt.toISOString(),
          hold.placedBy,
          (hold.releasedAt ?? hold.until)?.toISOString() ?? '-',
          hold.reason,
        ]),
      ),
    );
  },
});
