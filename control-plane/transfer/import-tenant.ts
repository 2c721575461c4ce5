import { RingfenceError } from '../../core/errors.js';
import { runOperation } from '../operation/run-operation.js';
import type { Runtime } from '../runtime.js';
import { getTenant } from '../tenants/store.js';
import { withTenant } from '../tenants/tenant-lock.js';
import { bringIn, IMPORT, type ImportRequest, type TenantImport } from './import-steps.js';

/**
 * Brings an export or CSV files into a tenant's clinics, whole or not at all. With problems in the report nothing was
 * imported, and the operation is recorded as failed.
 */
export const importIntoTenant = (
  runtime: Runtime,
  slug: string,
  request: ImportRequest,
): Promise<TenantImport> =>
  withTenant(runtime, slug, async () => {
    let report: TenantImport | undefined;
    const onReport = (found: TenantImport): void => {
      report = found;
    };
    if (request.dryRun)
      return bringIn(runtime, { tenant: await getTenant(runtime.control, slug), request, onReport });
    try {
      await runOperation(runtime, IMPORT, { slug, request, onReport });
    } catch (error) {
      // The problems are the result.
      if (!(report && error instanceof RingfenceError && error.code === 'import_invalid')) throw error;
    }
    if (!report) throw new RingfenceError('internal', `the import into tenant ${slug} has no report`);
    return report;
  });
