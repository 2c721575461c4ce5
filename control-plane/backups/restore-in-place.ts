import { RingfenceError } from '../../core/errors.js';
import { type RestoreReport, restoreBackup } from '../../data-plane/backup/tenant/restore/restore.js';
import type { RestoreSelection } from '../../data-plane/backup/tenant/restore/restore-plan.js';
import { runOperation } from '../operation/run-operation.js';
import type { OperationTable } from '../operation/step.js';
import type { Runtime } from '../runtime.js';
import { getTenant, type RegisteredTenant } from '../tenants/store.js';
import { withTenant } from '../tenants/tenant-lock.js';
import { refuseLoss } from './restore-loss.js';
import { fromSource, type Restored, type RestoreRequest, selectRows } from './restore-source.js';

interface InPlace extends RestoreRequest, Pick<RestoreSelection, 'mode' | 'newestBy'> {
  /** The number of rows that somebody agreed to lose when a restore deletes more rows than it brings back. Default: 0. */
  readonly agreedDeletions?: number;
}

interface Restoring {
  readonly tenant: RegisteredTenant;
  readonly request: InPlace;
  report?: RestoreReport & Restored;
}

interface Asked {
  readonly slug: string;
  readonly request: InPlace;
}

const prepare = async (runtime: Runtime, { slug, request }: Asked): Promise<Restoring> => {
  const tenant = await getTenant(runtime.control, slug);
  selectRows(tenant, request);
  return { tenant, request };
};

const restoreRows = (runtime: Runtime, { tenant, request }: Restoring): Promise<RestoreReport & Restored> => {
  const { mode, newestBy, dryRun, agreedDeletions = 0 } = request;
  return fromSource(runtime, tenant, request, async (source, restored) => ({
    ...(await restoreBackup(
      { ...source, ...(mode && { mode }), ...(newestBy && { newestBy }) },
      (planned) => dryRun || refuseLoss(tenant.slug, planned, agreedDeletions),
    )),
    ...restored,
  }));
};

export const RESTORE: OperationTable<Asked, Restoring> = {
  kind: 'restore',
  prepare: { run: prepare },
  steps: [
    {
      name: 'rows',
      run: async (runtime, restoring) => {
        restoring.report = await restoreRows(runtime, restoring);
      },
    },
  ],
};

/**
 * Brings rows of a tenant back to their state in a backup, in one transaction. All other rows stay as they are.
 * @throws RingfenceError `confirmation_missing` when the restore would delete more rows than it brings back and more than
 * somebody agreed to. Nothing is changed then.
 */
export const restoreTenant = (
  runtime: Runtime,
  slug: string,
  request: InPlace,
): Promise<RestoreReport & Restored> =>
  withTenant(runtime, slug, async () => {
    const asked = { slug, request };
    if (request.dryRun) return restoreRows(runtime, await prepare(runtime, asked));
    const { report } = await runOperation(runtime, RESTORE, asked);
    if (!report) throw new RingfenceError('internal', `the restore of tenant ${slug} has no report`);
    return report;
  });
