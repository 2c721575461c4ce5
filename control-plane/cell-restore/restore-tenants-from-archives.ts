import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { asToolkit } from '../../core/caller.js';
import { isBrokenBackup } from '../../data-plane/backup/broken.js';
import { compareWithBackup } from '../../data-plane/backup/tenant/compare.js';
import { restoreBackup } from '../../data-plane/backup/tenant/restore/restore.js';
import { withConnection } from '../../data-plane/database/connect.js';
import { recordState } from '../../data-plane/enrolment/tenant-state.js';
import { type LoadedManifest, loadManifest, RingfenceError } from '../../manifest/index.js';
import { tenantStack } from '../../stacks/names.js';
import { listBackups, recordBackupFailed } from '../backups/store.js';
import { withBackup } from '../backups/with-backup.js';
import { deployedManifest } from '../deployments/deployed-manifest.js';
import { forgetResourcesIn } from '../engine/run/stack-run.js';
import { runOperation } from '../operation/run-operation.js';
import type { OperationTable } from '../operation/step.js';
import { proveIsolation } from '../provisioning/prove-isolation.js';
import { redeploy } from '../provisioning/redeploy.js';
import type { Runtime } from '../runtime.js';
import { refuseOpenErasure } from '../tenants/open-erasure.js';
import { inhabitedCells } from '../tenants/placements.js';
import { getTenant, listTenants, type RegisteredTenant } from '../tenants/store.js';
import { changeState } from '../tenants/suspend.js';
import { withTenant } from '../tenants/tenant-lock.js';

/** The outcome for one tenant. */
export interface TenantBroughtBack {
  readonly slug: string;
  /** Null where the tenant could not be brought back; `failure` has the reason. */
  readonly backup: {
    readonly id: string;
    /** Its rows are as they were then. */
    readonly takenAt: Date;
    readonly rows: number;
    /** Tables whose rows are not as in the backup. */
    readonly different: readonly string[];
    /** Tables of the application that the cell lacks. The backup still has their rows. */
    readonly missing: readonly string[];
    /** Newer backups with rows that are lost or damaged. An older backup was taken instead. */
    readonly skipped: readonly string[];
  } | null;
  readonly failure: RingfenceError | null;
}

/**
 * Brings registered tenants back into a running cell that has lost them. Enrols each one by its manifest and restores its
 * newest verified backup whole. A failure of one tenant does not stop the others. Erased tenants are not registered.
 * @param slugs these only; all of the cell when left out.
 */
export const restoreTenantsFromArchives = async (
  runtime: Runtime,
  cell: string,
  options: { readonly slugs?: readonly string[]; readonly onTenant?: (slug: string) => void } = {},
): Promise<TenantBroughtBack[]> => {
  const tenants = (await listTenants(runtime.control)).filter((tenant) => tenant.cell === cell);
  const done: TenantBroughtBack[] = [];
  for (const { slug } of tenants) {
    if (options.slugs && !options.slugs.includes(slug)) continue;
    options.onTenant?.(slug);
    try {
      done.push({ slug, backup: await bringBack(runtime, slug), failure: null });
    } catch (error) {
      if (!(error instanceof RingfenceError) || error.code === 'cancelled') throw error;
      done.push({ slug, backup: null, failure: error });
    }
  }
  return done;
};

/** The same, acting because a cell was lost. */
const byToolkit = (runtime: Runtime): Runtime => ({ ...runtime, caller: asToolkit(runtime.caller) });

interface BringingBack {
  readonly tenant: RegisteredTenant;
  readonly manifest: LoadedManifest;
  backup?: NonNullable<TenantBroughtBack['backup']>;
}

const BRINGING_BACK: OperationTable<string, BringingBack> = {
  kind: 'restore',
  prepare: {
    run: async (runtime, slug) => {
      await refuseOpenErasure(runtime.control, slug);
      const tenant = await getTenant(runtime.control, slug);
      return { tenant, manifest: await manifestOf(runtime, slug) };
    },
  },
  steps: [
    {
      name: 'enrol',
      run: (runtime, { tenant, manifest }, { id }) => enrolAgain(runtime, tenant, manifest, id),
    },
    {
      name: 'rows',
      run: async (runtime, bringing) => {
        bringing.backup = await restoreNewest(runtime, bringing.tenant);
      },
    },
    {
      name: 'prove',
      run: async (runtime, { tenant, manifest }) => {
        if (tenant.state === 'suspended')
          await changeState(byToolkit(runtime), tenant, 'suspended', 'its cell was restored');
        else await proveIsolation(runtime, manifest, tenant);
      },
    },
  ],
};

const bringBack = (runtime: Runtime, slug: string): Promise<TenantBroughtBack['backup']> =>
  withTenant(runtime, slug, async () => (await runOperation(runtime, BRINGING_BACK, slug)).backup ?? null);

/**
 * Returns the newest backup with rows that opens. Returns an empty one only where there never was another.
 * @throws RingfenceError `backup_refused`, naming those that are lost or damaged.
 */
const restoreNewest = async (
  runtime: Runtime,
  tenant: RegisteredTenant,
): Promise<NonNullable<TenantBroughtBack['backup']>> => {
  const backups = await listBackups(runtime.control, tenant.id);
  const skipped = backups
    .filter(({ state, rows }) => state === 'failed' && (rows ?? 0) > 0)
    .map(({ id }) => id);
  const verified = backups.filter(({ state }) => state === 'verified');
  const withRows = verified.filter(({ rows }) => rows !== 0);
  const candidates =
    withRows.length === 0 && skipped.length === 0 ? [undefined] : withRows.map(({ id }) => id);
  for (const id of candidates) {
    try {
      return { ...(await restoreWhole(runtime, tenant, id)), skipped };
    } catch (error) {
      if (id === undefined || !isBrokenBackup(error)) throw error;
      await recordBackupFailed(runtime.control, id);
      skipped.push(id);
    }
  }
  throw new RingfenceError(
    'backup_refused',
    `every backup of ${tenant.slug} that has rows is lost or damaged: ${skipped.join(', ')}`,
    {
      fix: 'put their objects back from another copy, then run `ringfence control reconcile` and this command again',
    },
  );
};

const restoreWhole = (runtime: Runtime, tenant: RegisteredTenant, backupId: string | undefined) =>
  withBackup(runtime, tenant, backupId, async ({ backup, source }) => {
    const { tables } = await restoreBackup({ ...source, where: [], dryRun: false });
    const { different, missing } = await compareWithBackup(source.admin, source);
    const rows = tables.reduce((sum, { inBackup }) => sum + inBackup, 0);
    return { id: backup.id, takenAt: backup.startedAt, rows, different, missing };
  });

const enrolAgain = async (
  runtime: Runtime,
  tenant: RegisteredTenant,
  manifest: LoadedManifest,
  operation: string,
): Promise<void> => {
  await redeploy(runtime, await withoutLostCells(runtime, tenant), manifest, operation);
  if (tenant.state !== 'suspended') return;
  const admin = await runtime.target.adminConnection(tenant.cell);
  await withConnection(admin, (client) =>
    recordState(client, tenant.id, { state: 'suspended', caller: byToolkit(runtime).caller }),
  );
};

/** A further cell that is lost too keeps no row from coming home; `tenants apply` brings the tenant there again. */
const withoutLostCells = async (runtime: Runtime, tenant: RegisteredTenant): Promise<RegisteredTenant> => {
  const lost: string[] = [];
  for (const cell of inhabitedCells(tenant).slice(1)) {
    if ((await (await runtime.target.server(cell)).state()) === 'running') continue;
    await forgetResourcesIn(await runtime.stackRunner(), tenantStack(tenant.slug), cell, { recover: true });
    lost.push(cell);
  }
  return { ...tenant, placements: tenant.placements.filter(({ cell }) => !lost.includes(cell)) };
};

/** The manifest as it was deployed, without later changes of the file. */
const manifestOf = async ({ control, project }: Runtime, slug: string): Promise<LoadedManifest> => {
  const deployed = await deployedManifest(control, slug);
  if (deployed) return deployed;
  const path = ['.yaml', '.yml', '.ts']
    .map((end) => join(project.root, 'tenants', `${slug}${end}`))
    .find(existsSync);
  if (path) return loadManifest(path);
  throw new RingfenceError('tenant_not_found', `there is no manifest tenants/${slug}.yaml`, {
    fix: 'put it back, from git for example, and run the command again',
  });
};
