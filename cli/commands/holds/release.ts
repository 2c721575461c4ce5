import { defineCommand } from '../../command/define-command.js';
import { parseReason } from '../../command/option-values.js';
import { withRuntime } from '../../runtime/with-runtime.js';

export const holdsRelease = defineCommand({
  name: 'release',
  description: 'end a hold',
  arguments: ['<tenant>', '<hold>'],
  options: {
    reason: { value: '<text>', description: 'why', parse: parseReason, required: true },
  },
  view: async () => (await import('../../../control-plane/holds/views.js')).holdView,
  run: async (context, { reason }, slug, holdId) => {
    const { releaseHold } = await import('../../../control-plane/holds/tenant-holds.js');
    const hold = await withRuntime(context, (runtime) => releaseHold(runtime, slug, holdId, { reason }));
    context.result(hold, () => `${hold.id} is released\n`);
  },
});
