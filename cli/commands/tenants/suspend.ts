import { defineCommand } from '../../command/define-command.js';
import { withRuntime } from '../../runtime/with-runtime.js';
import { confirm } from '../../terminal/consent.js';

export const tenantsSuspend = defineCommand({
  name: 'suspend',
  description: 'refuse everybody of a tenant at once; its rows, keys and backups stay',
  arguments: ['<slug>'],
  options: {
    reason: { value: '<text>', description: 'why; its clinics read it', required: true },
  },
  onWorker: { kind: 'tenants suspend' },
  view: async () => (await import('../../../control-plane/tenants/views.js')).tenantView,
  run: async (context, { reason }, slug) => {
    const { suspendTenant } = await import('../../../control-plane/tenants/suspend.js');
    await confirm(context, `Refuse everybody of ${slug} from now on?`);
    const tenant = await withRuntime(context, (runtime) => suspendTenant(runtime, slug, { reason }));
    context.result(
      tenant,
      () => `${slug} is suspended: nobody gets in, valid tokens included; its rows and backups stay\n`,
    );
  },
});
