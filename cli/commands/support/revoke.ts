import type { SupportGrant } from '../../../data-plane/support/grants.js';
import { defineCommand } from '../../command/define-command.js';
import { table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';

/** `ringfence support revoke <tenant> <grant>` */
export const supportRevoke = defineCommand({
  name: 'revoke',
  description: 'end a grant now',
  arguments: ['<tenant>', '<grant>'],
  run: async (context, _options, slug, grantId) => {
    const { revokeTenantSupport } = await import('../../../control-plane/support/support-access.js');
    const grant = await withRuntime(context, (runtime) => revokeTenantSupport(runtime, slug, grantId));
    context.result(grant, () => printed([grant]));
  },
});

const printed = (grants: readonly SupportGrant[]): string =>
  table(
    ['grant', 'user', 'from', 'until', 'by', 'reason'],
    grants.map((grant) => [
      grant.id,
      grant.userId,
      grant.grantedAt.toISOString(),
      (grant.revokedAt ?? grant.expiresAt).toISOString(),
      grant.grantedBy,
      grant.reason,
    ]),
  );
