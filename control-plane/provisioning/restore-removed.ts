import type { LoadedManifest } from '../../manifest/index.js';
import { RingfenceError } from '../../manifest/index.js';
import { type BackupRecord, chooseBackup } from '../backups/store.js';
import type { Runtime } from '../runtime.js';
import { getKnownTenant, type RegisteredTenant } from '../tenants/store.js';
import { deployTenant } from './deploy-tenant.js';
import type { DeploymentOptions, DeploymentSummary } from './deployment.js';

/** A removed tenant, and the backup that brings its rows back; null where it never had a row. */
interface RemovedTenant {
  readonly tenant: RegisteredTenant;
  readonly backup: BackupRecord | null;
}

/** @throws RingfenceError `conflict` for a tenant that is deployed; `tenant_not_found`, `tenant_erased`. */
export const getRemovedTenant = async ({ control }: Runtime, slug: string): Promise<RemovedTenant> => {
  const tenant = await getKnownTenant(control, slug);
  // A killed run has registered it already.
  if (tenant.removedAt === null || !['removed', 'provisioning'].includes(tenant.state))
    throw new RingfenceError('conflict', `tenant ${slug} is ${tenant.state}, and not removed`, {
      fix: `bring rows back with \`ringfence backups restore ${slug}\`; see \`ringfence tenants list --removed\``,
    });
  const { id, finalBackup } = tenant;
  return { tenant, backup: finalBackup === null ? null : await chooseBackup(control, id, finalBackup) };
};

/**
 * Deploys a removed tenant again with its id and its key, proves it, and restores every row of its final backup. A tenant
 * that was suspended is suspended again. Converges: the next run finishes a killed one.
 * @throws RingfenceError as `getRemovedTenant` and `deployTenant`; `conflict` when it has other rows by now.
 */
export const restoreRemoved = async (
  runtime: Runtime,
  manifest: LoadedManifest,
  options: Pick<DeploymentOptions, 'onStep' | 'onChange' | 'onMended'>,
): Promise<DeploymentSummary & { readonly restored: BackupRecord | null }> => {
  const { slug } = manifest.tenant;
  const { tenant, backup } = await getRemovedTenant(runtime, slug);
  const rows = backup !== null && backup.rows !== 0 ? { rows: backup } : {};
  const suspended = tenant.wasSuspended ? { suspendAgain: 'as before its removal' } : {};
  const summary = await deployTenant(runtime, manifest, {
    ...options,
    ...rows,
    ...suspended,
    kind: 'restore-removed',
  });
  return { ...summary, restored: backup };
};
