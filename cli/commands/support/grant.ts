import { defineCommand, NOT_ON_WORKER } from '../../command/define-command.js';
import { parseCount, parseUuid } from '../../command/option-values.js';
import { withRuntime } from '../../runtime/with-runtime.js';

export const supportGrant = defineCommand({
  name: 'grant',
  description: 'let a user read a tenant for a while; its clinics see it in their audit log',
  arguments: ['<tenant>'],
  options: {
    user: { value: '<id>', description: 'the user (a UUID)', parse: parseUuid, required: true },
    reason: { value: '<text>', description: 'why; the clinic reads it', required: true },
    minutes: { value: '<count>', description: 'for how long, at most 480', parse: parseCount, default: 60 },
  },
  notOnWorker: NOT_ON_WORKER.printsPeople,
  view: async () => (await import('../../../control-plane/support/views.js')).supportGrantView,
  run: async (context, options, slug) => {
    const { grantTenantSupport } = await import('../../../control-plane/support/support-access.js');
    const request = {
      userId: options.user,
      reason: options.reason,
      minutes: options.minutes,
    };
    const grant = await withRuntime(context, (runtime) => grantTenantSupport(runtime, slug, request));
    context.result(
      grant,
      () =>
        `${grant.id}: ${slug} may be read until ${grant.expiresAt.toISOString()}; its clinics were told\n`,
    );
  },
});
