import { userInfo } from 'node:os';
import { resumeTenant, suspendTenant } from '../../control-plane/tenants/suspend.js';
import { withRuntime } from '../runtime/with-runtime.js';
import { confirm } from '../terminal/consent.js';
import type { Context } from '../terminal/context.js';

const request = (reason: string) => ({ reason, by: userInfo().username });

/** `ringfence tenants suspend <slug> --reason <text>` */
export const tenantsSuspend = async (
  context: Context,
  { reason }: { reason: string },
  slug: string,
): Promise<void> => {
  await confirm(context, `Refuse everybody of ${slug} from now on?`);
  const tenant = await withRuntime(context, (runtime) => suspendTenant(runtime, slug, request(reason)));
  context.result(
    tenant,
    () => `${slug} is suspended: nobody gets in, valid tokens included; its rows and backups stay\n`,
  );
};

/** `ringfence tenants resume <slug> --reason <text>` */
export const tenantsResume = async (
  context: Context,
  { reason }: { reason: string },
  slug: string,
): Promise<void> => {
  const tenant = await withRuntime(context, (runtime) => resumeTenant(runtime, slug, request(reason)));
  context.result(tenant, () => `${slug} is active again\n`);
};
