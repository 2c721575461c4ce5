import { randomUUID } from 'node:crypto';
import { usingKeyVersions } from '../../data-plane/keys/using-keys.js';
import {
  type ImportOptions,
  type ImportReport,
  importTenant,
} from '../../data-plane/transfer/import/import-tenant.js';
import { wrappedKeys } from '../keys/store.js';
import type { Runtime } from '../runtime.js';
import { getTenant } from '../tenants/store.js';
import { withTenant } from '../tenants/tenant-lock.js';

export type ImportRequest = Pick<
  ImportOptions,
  'path' | 'identityPath' | 'mappingPath' | 'clinicNames' | 'dryRun' | 'onProgress'
>;

/** What an import did; its rows by the clinics' slugs. */
export type TenantImport = ImportReport & { readonly id: string };

/** Brings an export or CSV files into a tenant's clinics, whole or not at all. */
export const importIntoTenant = (
  runtime: Runtime,
  slug: string,
  request: ImportRequest,
): Promise<TenantImport> =>
  withTenant(runtime, slug, async () => {
    const { id: tenantId, cell, clinicIds } = await getTenant(runtime.control, slug);
    const admin = await runtime.target.adminConnection(cell);
    const id = randomUUID();
    const { tenantKeys } = runtime.target;
    return usingKeyVersions(tenantKeys, wrappedKeys(runtime.control), tenantId, async (keys) => {
      const report = await importTenant({
        ...request,
        admin,
        tenantId,
        keys,
        importId: id,
        onWritten: () => runtime.reached('import-written'),
      });
      const slugs = new Map(Object.entries(clinicIds).map(([name, clinicId]) => [clinicId, name]));
      const added = Object.entries(report.added).map(([clinic, rows]) => [slugs.get(clinic) ?? clinic, rows]);
      return { id, ...report, added: Object.fromEntries(added) };
    });
  });
