import type { Runtime } from '../runtime.js';
import { getTenant } from '../tenants/store.js';
import { withTenant } from '../tenants/tenant-lock.js';
import { pruneBackups } from './prune-backups.js';
import type { BackupRecord } from './store.js';

/** `pruneBackups` of a tenant that nobody else works on. @throws RingfenceError `tenant_busy`, `tenant_not_found` */
export const pruneTenantBackups = (
  runtime: Runtime,
  slug: string,
  options: { readonly dryRun: boolean },
): Promise<BackupRecord[]> =>
  withTenant(runtime, slug, async () =>
    pruneBackups(runtime, await getTenant(runtime.control, slug), options),
  );
