import type { SupportGrant } from '../../../data-plane/support/grants.js';
import { defineCommand } from '../../command/define-command.js';
import { table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';

/** `ringfence support list <tenant>` */
export const supportList = defineCommand({
  name: 'list',
  description: 'every grant, newest first',
  arguments: ['<tenant>'],
  run: async (context, _options, slug) => {
    const { listTenantSupport } = await import('../../../control-plane/support/support-access.js');
    const grants = await withRuntime(context, (runtime) => listTenantSupport(runtime, slug));
    context.result(grants, () => printed(grants));
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
