import { RingfenceError } from '../../core/errors.js';
import { withLock, withLocks } from '../project/lock.js';
import type { Runtime } from '../runtime.js';

const lockOf = (slug: string): string => `tenant/${slug}`;

const busy = (slug: string) => (): RingfenceError =>
  new RingfenceError('tenant_busy', `another run is working on tenant ${slug}`, {
    fix: 'wait until it ends, then run the command again',
  });

/** One change of a tenant at a time. @throws RingfenceError `tenant_busy` at once when another run holds the tenant. */
export const withTenant = <T>(runtime: Runtime, slug: string, work: () => Promise<T>): Promise<T> =>
  withLock(
    runtime.control,
    lockOf(slug),
    async () => {
      await runtime.beforeChange();
      return work();
    },
    busy(slug),
  );

/** Nobody changes any of the tenants meanwhile. @throws RingfenceError `tenant_busy` at once. */
export const withTenants = <T>(
  runtime: Runtime,
  slugs: readonly string[],
  work: () => Promise<T>,
): Promise<T> =>
  withLocks(
    runtime.control,
    slugs.map(lockOf),
    async () => {
      await runtime.beforeChange();
      return work();
    },
    (name) => busy(name.slice(lockOf('').length))(),
  );
