import { defineCommand } from '../../command/define-command.js';
import { describeGrants } from '../../print/support.js';
import { withRuntime } from '../../runtime/with-runtime.js';

export const supportRevoke = defineCommand({
  name: 'revoke',
  description: 'end a grant now',
  arguments: ['<tenant>', '<grant>'],
  onWorker: { kind: 'support revoke' },
  view: async () => (await import('../../../control-plane/support/views.js')).supportGrantView,
  run: async (context, _options, slug, grantId) => {
    const { revokeTenantSupport } = await import('../../../control-plane/support/support-access.js');
    const grant = await withRuntime(context, (runtime) => revokeTenantSupport(runtime, slug, grantId));
    context.result(grant, () => describeGrants([grant]));
  },
});
