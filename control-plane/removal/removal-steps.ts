import { RingfenceError } from '../../core/errors.js';
import { tenantStack } from '../../stacks/names.js';
import { backUpAndVerify } from '../backups/backup-tenant.js';
import { listBackups } from '../backups/store.js';
import { wakeCell } from '../cells/cells-up.js';
import { forgetStack } from '../engine/run/stack-run.js';
import type { OperationTable, Step } from '../operation/step.js';
import { stackRemains } from '../project/state/stack-files.js';
import type { Runtime } from '../runtime.js';
import { enterState } from '../tenants/enter-state.js';
import { enterPlacementState, inhabitedCells } from '../tenants/placements.js';
import {
  getTenant,
  type RegisteredTenant,
  recordFinalBackup,
  recordRemoved,
  recordRemoving,
} from '../tenants/store.js';
import { setStateInCell } from '../tenants/suspend.js';
import { planRemoval } from './plan-removal.js';
import { type InCell, lookAtTenant, takeOut } from './take-out.js';

export interface RemovalRequest {
  readonly slug: string;
}

interface Removal {
  readonly tenant: RegisteredTenant;
  readonly found: InCell;
}

/** As it was before. */
const letGoOn = async ({ control }: Runtime, { slug }: Pick<RemovalRequest, 'slug'>): Promise<void> => {
  const { id, state, wasSuspended } = await getTenant(control, slug);
  if (state === 'removing') await enterState(control, id, wasSuspended ? 'suspended' : 'active');
};

/** No deployment and no other change begins from here on. */
const mark: Step<Removal> = {
  name: 'mark',
  isQuiet: true,
  run: ({ control }, { tenant }) => recordRemoving(control, tenant.id),
  undo: letGoOn,
};

/** Nobody gets in any more: rows from after the beginning of the last backup would be lost. */
const backup: Step<Removal> = {
  name: 'backup',
  points: ['backup-begun', 'backup-stored', 'backup-verified'],
  run: async (runtime, { tenant, found }) => {
    const { control } = runtime;
    if (found.isEnrolled) {
      await setStateInCell(runtime, tenant, 'suspended', 'removal');
      await recordFinalBackup(control, tenant.id, await backUpLast(runtime, tenant));
    } else if (tenant.finalBackup === null)
      await recordFinalBackup(control, tenant.id, await newest(runtime, tenant));
  },
  undo: async (runtime, { slug }) => {
    const tenant = await getTenant(runtime.control, slug);
    if (tenant.state !== 'removing') return;
    await wakeCell(runtime, tenant.cell);
    await reopenInCell(runtime, tenant, 'removal given up');
    await recordFinalBackup(runtime.control, tenant.id, null);
  },
};

const rows: Step<Removal> = {
  name: 'rows',
  points: ['tenant-withdrawn'],
  run: async (runtime, { tenant }) => {
    await runtime.target.schedules.delete(tenant.id);
    for (const cell of inhabitedCells(tenant)) {
      await wakeCell(runtime, cell);
      await takeOut(runtime, tenant, cell);
    }
  },
};

const stack: Step<Removal> = {
  name: 'stack',
  run: async (runtime, { tenant }, { recover }) => {
    const name = tenantStack(tenant.slug);
    // Also where a run was killed while the engine removed it, which left its history.
    if ((await stackRemains(runtime.state, name)).length > 0)
      await forgetStack(await runtime.stackRunner(), name, { recover });
  },
};

export const REMOVAL: OperationTable<RemovalRequest, Removal> = {
  kind: 'remove',
  prepare: {
    run: (runtime, { slug }) => planRemoval(runtime, slug),
  },
  steps: [mark, backup, rows, stack],
  conclude: async (_runtime, { tenant }, client) => {
    const [, ...others] = inhabitedCells(tenant);
    for (const cell of others) await enterPlacementState(client, tenant.id, cell, 'left');
    await recordRemoved(client, tenant.id);
  },
};

const reopenInCell = async (runtime: Runtime, tenant: RegisteredTenant, why: string): Promise<void> => {
  if (!tenant.wasSuspended) await setStateInCell(runtime, tenant, 'active', why);
};

/** Takes a full backup, which needs no other one. Without it nothing is deleted, and the tenant goes on. */
const backUpLast = async (runtime: Runtime, tenant: RegisteredTenant): Promise<string> => {
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
    const reopened = await getTenant(runtime.control, tenant.slug);
    await reopenInCell(runtime, reopened, 'removal without a backup given up');
    await letGoOn(runtime, tenant);
    throw error;
  }
};

/** The newest verified backup with a row, for a tenant that its cell has lost. */
const newest = async ({ control }: Runtime, { id }: RegisteredTenant): Promise<string | null> => {
  const verified = (await listBackups(control, id)).filter(({ state }) => state === 'verified');
  return (verified.find(({ rows }) => rows !== 0) ?? verified[0])?.id ?? null;
};
