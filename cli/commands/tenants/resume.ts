import { defineCommand } from '../../command/define-command.js';
import { withRuntime } from '../../runtime/with-runtime.js';

export const tenantsResume = defineCommand({
  name: 'resume',
  description: 'let a suspended tenant in again',
  arguments: ['<slug>'],
  options: {
    reason: { value: '<text>', description: 'why; its clinics read it', required: true },
  },
  onWorker: { kind: 'tenants resume' },
  view: async () => (await import('../../../control-plane/tenants/views.js')).tenantView,
  run: async (context, { reason }, slug) => {
    const { resumeTenant } = await import('../../../control-plane/tenants/suspend.js');
    const tenant = await withRuntime(context, (runtime) => resumeTenant(runtime, slug, { reason }));
    context.result(tenant, () => `${slug} is active again\n`);
  },
});
