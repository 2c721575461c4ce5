import { RingfenceError } from '../../tenants/errors.js';
import { withLock } from '../lock.js';
import type { Runtime } from '../runtime.js';

/** One change of a tenant at a time. @throws RingfenceError `tenant_busy` at once when another run holds the tenant. */
export const withTenant = <T>(runtime: Runtime, slug: string, work: () => Promise<T>): Promise<T> =>
  withLock(
    runtime.control,
    `tenant/${slug}`,
    work,
    () =>
      new RingfenceError('tenant_busy', `another run is working on tenant ${slug}`, {
        fix: 'wait until it ends, then run the command again',
      }),
  );
