import { defineCommand } from '../../command/define-command.js';
import { describeGrants } from '../../print/support.js';
import { withRuntime } from '../../runtime/with-runtime.js';

export const supportList = defineCommand({
  name: 'list',
  description: 'every grant, newest first',
  arguments: ['<tenant>'],
  onWorker: { kind: 'support list' },
  view: async () => (await import('../../../control-plane/support/views.js')).supportGrantView.array(),
  run: async (context, _options, slug) => {
    const { listTenantSupport } = await import('../../../control-plane/support/support-access.js');
    const grants = await withRuntime(context, (runtime) => listTenantSupport(runtime, slug));
    context.result(grants, () => describeGrants(grants));
  },
});
