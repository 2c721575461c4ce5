import { RingfenceError } from '../../core/errors.js';
import { withConnection } from '../../data-plane/database/connect.js';
import { setTenantState } from '../../data-plane/enrolment/tenant-state.js';
import { tenantStack } from '../../stacks/names.js';
import { backUpAndVerify } from '../backups/backup-tenant.js';
import { type BackupRecord, chooseBackup, listBackups } from '../backups/store.js';
import { wakeCell } from '../cells/cells-up.js';
import { hasStack } from '../engine/run/engine-state.js';
import { forgetStack } from '../engine/run/stack-run.js';
import { refuseHeld } from '../holds/refuse-held.js';
import { recordOperation } from '../operation/record-operation.js';
import { stateDir } from '../project/project.js';
import type { Runtime } from '../runtime.js';
import {
  findTenant,
  getTenant,
  type RegisteredTenant,
  recordFinalBackup,
  recordRemoved,
  recordRemoving,
  recordState,
} from '../tenants/store.js';
import { withTenant } from '../tenants/tenant-lock.js';
import { type InCell, lookAtTenant, refuseRemains, takeOut } from './take-out.js';

type RemovalStep = 'backup' | 'rows' | 'stack';

/** A tenant that was removed, and the backup that brings it back; null for one that never had a row. */
export interface Removal {
  readonly tenant: RegisteredTenant;
  readonly finalBackup: BackupRecord | null;
}

/**
 * What a removal would delete, for whoever is to agree to it. The cell is brought up for it; nothing else is changed.
 * @throws RingfenceError `tenant_not_found`, `erasure_held`.
 */
export const planRemoval = async (
  runtime: Runtime,
  slug: string,
): Promise<{ readonly tenant: RegisteredTenant; readonly found: InCell }> => {
  const tenant = await getTenant(runtime.control, slug);
  await refuseHeld(runtime, { tenantId: tenant.id, slug }, 'remove');
  await wakeCell(runtime, tenant.cell);
  return { tenant, found: await lookAtTenant(runtime, tenant) };
};

/**
 * Removes a tenant from its cell: rows, clinics, login, quotas, schedule, stack. Nobody of it gets in any more, then a last
 * full backup is taken and verified, and only then something is deleted. Its key and its backups stay, so
 * `restoreRemoved` brings it back; erasure is an operation of its own.
 * @param by who asked for it, for the clinics' audit log.
 * @throws RingfenceError `erasure_held` while the tenant is held; what the backup threw: the tenant is open again then, and
 *   nothing is deleted; `removal_incomplete`, naming what is left.
 */
export const removeTenant = async (
  runtime: Runtime,
  slug: string,
  { by, onStep }: { readonly by: string; readonly onStep?: (step: RemovalStep) => void },
): Promise<Removal> =>
  withTenant(runtime, slug, async () => {
    const { control } = runtime;
    const { tenant, found } = await planRemoval(runtime, slug);
    return recordOperation(runtime, { tenantId: tenant.id, slug, kind: 'remove' }, async (operation) => {
      await recordRemoving(control, tenant.id);
      runtime.reached('removal-recorded');
      if (found.isEnrolled) {
        onStep?.('backup');
        await close(runtime, tenant, by);
        await recordFinalBackup(control, tenant.id, await backUpLast(runtime, tenant, by));
      } else if (tenant.finalBackup === null)
        await recordFinalBackup(control, tenant.id, await newest(runtime, tenant));
      runtime.reached('final-backup-recorded');
      onStep?.('rows');
      await takeOut(runtime, tenant);
      await refuseRemains(runtime, tenant);
      onStep?.('stack');
      const stack = tenantStack(slug);
      if (hasStack(stateDir(runtime.project), stack))
        await forgetStack(await runtime.stackRunner(), stack, { recover: operation.recover });
      runtime.reached('stack-destroyed');
      await recordRemoved(control, tenant.id);
      return { tenant, finalBackup: await finalBackupOf(runtime, slug) };
    });
  });

/** What is written after the last backup was begun would be lost. */
const close = async (runtime: Runtime, { id, cell }: RegisteredTenant, by: string): Promise<void> => {
  const change = { state: 'suspended', reason: 'removal', by } as const;
  await withConnection(await runtime.target.adminConnection(cell), (client) =>
    setTenantState(client, id, change),
  );
};

/** A full one, so that it needs no other. Without it nothing is deleted, and the tenant goes on. */
const backUpLast = async (runtime: Runtime, tenant: RegisteredTenant, by: string): Promise<string> => {
  try {
    const backup = await backUpAndVerify(runtime, tenant, { full: true });
    const { total } = await lookAtTenant(runtime, tenant);
    if (total === backup.rows) return backup.id;
    throw new RingfenceError(
      'conflict',
      `tenant ${tenant.slug} has ${total} rows, and its last backup ${backup.rows}: somebody writes to its tables past its doors`,
      { fix: 'end what does, such as an import or a migration of an administrator, then remove it again' },
    );
  } catch (error) {
    await reopen(runtime, tenant, by);
    throw error;
  }
};

const reopen = async (runtime: Runtime, { id, slug, cell }: RegisteredTenant, by: string): Promise<void> => {
  const { wasSuspended } = await getTenant(runtime.control, slug);
  if (!wasSuspended) {
    const change = { state: 'active', reason: 'removal without a backup given up', by } as const;
    await withConnection(await runtime.target.adminConnection(cell), (client) =>
      setTenantState(client, id, change),
    );
  }
  await recordState(runtime.control, id, wasSuspended ? 'suspended' : 'active');
};

/** Of a tenant that its cell has lost: the newest verified backup with a row. */
const newest = async ({ control }: Runtime, { id }: RegisteredTenant): Promise<string | null> => {
  const verified = (await listBackups(control, id)).filter(({ state }) => state === 'verified');
  return (verified.find(({ rows }) => rows !== 0) ?? verified[0])?.id ?? null;
};

const finalBackupOf = async ({ control }: Runtime, slug: string): Promise<BackupRecord | null> => {
  const tenant = await findTenant(control, slug);
  if (!tenant?.finalBackup) return null;
  return chooseBackup(control, tenant.id, tenant.finalBackup);
};
