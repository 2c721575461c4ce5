import { RingfenceError } from '../../core/errors.js';
import { withLock, withLocks } from '../project/lock.js';
import type { Runtime } from '../runtime.js';

const lockOf = (slug: string): string => `tenant/${slug}`;

const busy = (lock: string, holder: string): RingfenceError =>
  new RingfenceError(
    'tenant_busy',
    `another run is working on tenant ${lock.slice(lockOf('').length)}: ${holder}`,
    {
      fix: 'wait until it ends, then run the command again; one that hangs has to be ended first: nothing is lost by that',
    },
  );

/** One change of a tenant at a time. @throws RingfenceError `tenant_busy` at once when another run holds the tenant. */
export const withTenant = <T>(runtime: Runtime, slug: string, work: () => Promise<T>): Promise<T> =>
  withLock(
    runtime.control,
    lockOf(slug),
    async () => {
      await runtime.beforeChange();
      return work();
    },
    busy,
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
    busy,
  );
