import { type BackupRecord, chooseBackup } from '../backups/store.js';
import { runOperation } from '../operation/run-operation.js';
import type { Runtime } from '../runtime.js';
import { getKnownTenant, type RegisteredTenant } from '../tenants/store.js';
import { withTenant } from '../tenants/tenant-lock.js';
import { REMOVAL } from './removal-steps.js';

/** A tenant that was removed, and the backup that brings it back; null for one that never had a row. */
export interface Removal {
  readonly tenant: RegisteredTenant;
  readonly finalBackup: BackupRecord | null;
}

/**
 * Removes a tenant from its cell: rows, clinics, login, quotas, schedule, stack. First nobody of it gets in any more; then
 * a last full backup is taken and verified; only then rows are deleted. Its key and its backups stay, so `restoreRemoved`
 * brings it back; erasure is an operation of its own.
 * @throws RingfenceError `erasure_held` while the tenant is held; what the backup threw: the tenant is open again then, and
 * nothing is deleted; `removal_incomplete`, naming what is left.
 */
export const removeTenant = (
  runtime: Runtime,
  slug: string,
  { onStep }: { readonly onStep?: (step: string) => void } = {},
): Promise<Removal> =>
  withTenant(runtime, slug, async () => {
    const { tenant } = await runOperation(runtime, REMOVAL, { slug }, onStep);
    const { id, finalBackup } = await getKnownTenant(runtime.control, slug);
    return {
      tenant,
      finalBackup: finalBackup === null ? null : await chooseBackup(runtime.control, id, finalBackup),
    };
  });
