import { restoreBackup } from '../../data-plane/backup/tenant/restore/restore.js';
import { asApplication } from '../../data-plane/database/application-logins.js';
import type { Difference } from '../../data-plane/database/defences.js';
import { probeTenant } from '../../isolation/probe.js';
import { type LoadedManifest, RingfenceError } from '../../manifest/index.js';
import { type BackupSummary, backUpAndVerify, lastVerifiedBackup } from '../backups/backup-tenant.js';
import { withBackup } from '../backups/open-backup.js';
import { lossOf } from '../backups/restore-loss.js';
import type { BackupRecord } from '../backups/store.js';
import { ensureCell } from '../cells/cells-up.js';
import { mendCell, readCellDrift } from '../cells/repair-cell.js';
import { type RunningDeployment, recordDeployment } from '../deployments/record-deployment.js';
import type { ResourceChange } from '../engine/run/change.js';
import { deployStack } from '../engine/run/stack-run.js';
import { recordOperation } from '../operation/record-operation.js';
import { type Operation, type OperationKind, recordStep } from '../operation/store.js';
import { settleTenant } from '../placements/settle-tenant.js';
import type { Runtime } from '../runtime.js';
import { refuseOpenErasure } from '../tenants/open-erasure.js';
import { type RegisteredTenant, recordDeployed } from '../tenants/store.js';
import { withTenant } from '../tenants/tenant-lock.js';
import { deployedRun, inputsHash, tenantStackHash } from './tenant-run.js';

/** What a deployment did, for people and programs. It holds no secret. */
export interface DeploymentSummary {
  readonly slug: string;
  readonly tenantId: string;
  readonly cell: string;
  readonly region: string;
  readonly tier: 'shared' | 'dedicated';
  /** `user` is the tenant's own login, where its manifest asks for one. */
  readonly connection: { host: string; port: number; database: string; user: string | null };
  /** `unproven` counts attempts that showed nothing, as on a table that no row could be planted in. */
  readonly isolation: { checks: number; tables: number; leaks: number; unproven: number };
  /** Null when an earlier verified backup was enough. */
  readonly backup: BackupSummary | null;
  readonly deployMs: number;
}

type DeploymentStep = 'cell' | 'deploy' | 'prove' | 'restore' | 'backup';

export interface DeploymentOptions {
  readonly kind: Extract<OperationKind, 'add' | 'apply' | 'restore-removed'>;
  /** Why, in the words of who asked. */
  readonly why?: string | undefined;
  /** Rows to bring back before the first backup is taken; the tenant has none yet. */
  readonly rows?: BackupRecord;
  readonly onStep?: (step: DeploymentStep) => void;
  readonly onChange?: (change: ResourceChange) => void;
  /** A defence of the cell was put back to what its release says. */
  readonly onMended?: (difference: Difference) => void;
}

/**
 * Brings a tenant to what its manifest says, in its cell, and proves it: isolation, a first backup, its restore.
 * Every step converges, so a run that was killed anywhere is finished by the next one.
 * @throws RingfenceError `tenant_busy` while another run works on the tenant, `isolation_violated` when the probe
 * reads another tenant's data, and what the failing resource threw.
 */
export const deployTenant = async (
  runtime: Runtime,
  manifest: LoadedManifest,
  options: DeploymentOptions,
): Promise<DeploymentSummary> => {
  const { tenant } = manifest;
  return withTenant(runtime, tenant.slug, async () => {
    await refuseOpenErasure(runtime.control, tenant.slug);
    options.onStep?.('cell');
    const { cell, registered } = await settleTenant(runtime.control, tenant, (request) =>
      ensureCell(runtime, request, options.onChange),
    );
    await mendCell(runtime, cell.name, (difference) => options.onMended?.(difference));
    refuseClosed(registered);
    runtime.reached('tenant-registered');
    const fields = { tenantId: registered.id, slug: tenant.slug, kind: options.kind };
    const summary = await recordOperation(runtime, fields, (operation) =>
      recordDeployment(
        runtime,
        { tenantId: registered.id },
        {
          inputs: tenant,
          inputsHash: inputsHash(manifest, registered.cell),
          why: options.why,
          operation: operation.id,
        },
        async (deployment) => ({
          result: await converge(runtime, manifest, registered, { operation, deployment }, options),
          checkpointHash: tenantStackHash(runtime, registered.slug),
        }),
      ),
    );
    return { ...summary, region: cell.region };
  });
};

/** Its isolation cannot be proved while nobody may enter. */
const refuseClosed = ({ slug, state }: RegisteredTenant): void => {
  if (state === 'removing')
    throw new RingfenceError('conflict', `tenant ${slug} is being removed`, {
      fix: `finish that with \`ringfence tenants remove ${slug}\`, then \`ringfence tenants restore-removed ${slug}\` brings it back`,
    });
  if (state !== 'suspended') return;
  throw new RingfenceError('conflict', `tenant ${slug} is suspended`, {
    fix: `let it in again first with \`ringfence tenants resume ${slug} --reason ...\``,
  });
};

const converge = async (
  runtime: Runtime,
  manifest: LoadedManifest,
  registered: RegisteredTenant,
  { operation, deployment }: { readonly operation: Operation; readonly deployment: RunningDeployment },
  options: DeploymentOptions,
): Promise<Omit<DeploymentSummary, 'region'>> => {
  options.onStep?.('deploy');
  await recordStep(runtime.control, operation, 'deploy');
  const startedMs = performance.now();
  const { tenantIds } = await readCellDrift(runtime, registered.cell);
  const outputs = await deployStack(await runtime.stackRunner(), {
    ...deployedRun(manifest.tenant, registered, deployment),
    recover: operation.recover,
    refresh: tenantIds.has(registered.id),
    ...(options.onChange ? { onChange: options.onChange } : {}),
  });
  const deployMs = Math.round(performance.now() - startedMs);
  await deployment.applied();
  runtime.reached('tenant-deployed');

  options.onStep?.('prove');
  await recordStep(runtime.control, operation, 'prove');
  const isolation = await proveIsolation(runtime, manifest, registered);
  runtime.reached('isolation-proved');

  const { rows } = options;
  if (rows) {
    options.onStep?.('restore');
    await recordStep(runtime.control, operation, 'restore');
    await bringBack(runtime, registered, rows);
    runtime.reached('rows-brought-back');
  }

  options.onStep?.('backup');
  await recordStep(runtime.control, operation, 'backup');
  const needsBackup = options.kind !== 'apply' || !(await lastVerifiedBackup(runtime, registered.id));
  const backup = needsBackup ? await backUpAndVerify(runtime, registered) : null;
  await recordDeployed(runtime.control, registered.id, manifest.tenant);
  return {
    slug: registered.slug,
    tenantId: registered.id,
    cell: registered.cell,
    tier: registered.tier,
    connection: {
      host: String(outputs.host),
      port: Number(outputs.port),
      database: String(outputs.database),
      user: typeof outputs.user === 'string' ? outputs.user : null,
    },
    isolation,
    backup,
    deployMs,
  };
};

/** Every row of a backup, into a tenant that has none. */
const bringBack = async (
  runtime: Runtime,
  registered: RegisteredTenant,
  backup: BackupRecord,
): Promise<void> => {
  await withBackup(runtime, registered, backup.id, ({ source }) =>
    restoreBackup({ ...source, dryRun: false }, (report) => {
      if (lossOf(report).deleted === 0) return;
      const { slug } = registered;
      throw new RingfenceError('conflict', `tenant ${slug} has rows by now that its final backup has not`, {
        fix: `deploy it with \`ringfence tenants apply ${slug}\`, then bring back what is missing: ringfence backups restore ${slug} --backup ${backup.id} --mode missing-only`,
      });
    }),
  );
};

/** @throws RingfenceError `isolation_violated` */
export const proveIsolation = async (
  runtime: Runtime,
  manifest: LoadedManifest,
  registered: RegisteredTenant,
): Promise<DeploymentSummary['isolation']> => {
  const admin = await runtime.target.adminConnection(registered.cell);
  const credentials = runtime.target.credentials(registered.cell);
  const report = await probeTenant(admin, await asApplication(admin, credentials), {
    tenantId: registered.id,
    clinicIds: manifest.tenant.clinics.map((clinic) => clinic.id),
    contextKey: credentials.contextKey,
    nowMs: () => runtime.now().getTime(),
  });
  const [leak] = report.leaks;
  if (leak) {
    throw new RingfenceError(
      'isolation_violated',
      `${leak.table}: ${leak.attempt} reached another tenant (${leak.detail})`,
      {
        fix: 'run `ringfence schema lint` on this cell: it names the hole and the statement that closes it',
      },
    );
  }
  return { checks: report.checks, tables: report.tables, leaks: 0, unproven: report.unproven.length };
};
