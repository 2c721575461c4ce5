import { userInfo } from 'node:os';
import {
  grantTenantSupport,
  listTenantSupport,
  revokeTenantSupport,
} from '../../control-plane/support/support-access.js';
import type { SupportGrant } from '../../data-plane/support/grants.js';
import { table } from '../print/table.js';
import { withRuntime } from '../runtime/with-runtime.js';
import type { Context } from '../terminal/context.js';

/** `ringfence support grant <tenant> --user <id> --reason <text> [--minutes <count>]` */
export const supportGrant = async (
  context: Context,
  options: { user: string; reason: string; minutes: number },
  slug: string,
): Promise<void> => {
  const request = {
    userId: options.user,
    reason: options.reason,
    minutes: options.minutes,
    grantedBy: userInfo().username,
  };
  const grant = await withRuntime(context, (runtime) => grantTenantSupport(runtime, slug, request));
  context.result(
    grant,
    () => `${grant.id}: ${slug} may be read until ${grant.expiresAt.toISOString()}; its clinics were told\n`,
  );
};

/** `ringfence support list <tenant>` */
export const supportList = async (context: Context, _options: unknown, slug: string): Promise<void> => {
  const grants = await withRuntime(context, (runtime) => listTenantSupport(runtime, slug));
  context.result(grants, () => printed(grants));
};

/** `ringfence support revoke <tenant> <grant>` */
export const supportRevoke = async (
  context: Context,
  _options: unknown,
  slug: string,
  grantId: string,
): Promise<void> => {
  const grant = await withRuntime(context, (runtime) => revokeTenantSupport(runtime, slug, grantId));
  context.result(grant, () => printed([grant]));
};

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
