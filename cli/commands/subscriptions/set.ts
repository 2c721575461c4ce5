import { SUBSCRIPTION_STATES } from '../../../core/lifecycle.js';
import { defineCommand } from '../../command/define-command.js';
import { parseTime } from '../../command/option-values.js';
import { describeSubscriptions } from '../../print/subscriptions.js';
import { withRuntime } from '../../runtime/with-runtime.js';

export const subscriptionsSet = defineCommand({
  name: 'set',
  description: 'record what was paid: writes in TRIAL and ACTIVE, reads 14 days longer',
  arguments: ['<tenant>', { name: '<status>', description: 'what it becomes', choices: SUBSCRIPTION_STATES }],
  options: {
    clinic: { value: '<slug>', description: 'this clinic; all of them when left out' },
    until: { value: '<time>', description: 'end of the trial or of the paid period', parse: parseTime },
  },
  onWorker: { kind: 'subscriptions set' },
  view: async () => (await import('../../../control-plane/subscriptions/views.js')).subscriptionsView,
  run: async (context, options, slug, status) => {
    const { setSubscription } = await import('../../../control-plane/subscriptions/tenant-subscriptions.js');
    const found = await withRuntime(context, (runtime) =>
      setSubscription(runtime, slug, {
        status,
        until: options.until ?? null,
        ...(options.clinic ? { clinic: options.clinic } : {}),
      }),
    );
    context.result(found, () => describeSubscriptions(found));
  },
});
