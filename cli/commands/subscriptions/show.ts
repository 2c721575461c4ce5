import { defineCommand } from '../../command/define-command.js';
import { describeSubscriptions } from '../../print/subscriptions.js';
import { withRuntime } from '../../runtime/with-runtime.js';

export const subscriptionsShow = defineCommand({
  name: 'show',
  description: 'the subscription of every clinic of a tenant',
  arguments: ['<tenant>'],
  examples: ['ringfence subscriptions show clinica-sonrisa'],
  onWorker: { kind: 'subscriptions show' },
  view: async () => (await import('../../../control-plane/subscriptions/views.js')).subscriptionsView,
  run: async (context, _options, slug) => {
    const { tenantSubscriptions } = await import(
      '../../../control-plane/subscriptions/tenant-subscriptions.js'
    );
    const found = await withRuntime(context, (runtime) => tenantSubscriptions(runtime, slug));
    context.result(found, () => describeSubscriptions(found));
  },
});
