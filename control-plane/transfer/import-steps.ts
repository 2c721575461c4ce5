import { randomUUID } from 'node:crypto';
import { RingfenceError } from '../../core/errors.js';
import { usingKeyVersions } from '../../data-plane/keys/using-keys.js';
import {
  type ImportOptions,
  type ImportReport,
  importTenant,
} from '../../data-plane/transfer/import/import-tenant.js';
import { wrappedKeys } from '../keys/store.js';
import type { OperationTable } from '../operation/step.js';
import type { Runtime } from '../runtime.js';
import { getTenant, type RegisteredTenant } from '../tenants/store.js';

export type ImportRequest = Pick<
  ImportOptions,
  'path' | 'identityPath' | 'mappingPath' | 'clinicNames' | 'dryRun' | 'onProgress'
>;

/** The result of an import; its rows by the clinics' slugs. */
export type TenantImport = ImportReport & { readonly id: string };

export interface Importing {
  readonly tenant: RegisteredTenant;
  readonly request: ImportRequest;
  /** Told of what was found, also where nothing was imported for it. */
  readonly onReport: (report: TenantImport) => void;
}

/** Brings rows in by one transaction, or none. */
export const bringIn = async (runtime: Runtime, { tenant, request }: Importing): Promise<TenantImport> => {
  const { id: tenantId, cell, clinicIds } = tenant;
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
      caller: runtime.caller,
      onWritten: () => runtime.reached('import-written'),
    });
    const slugs = new Map(Object.entries(clinicIds).map(([name, clinicId]) => [clinicId, name]));
    const added = Object.entries(report.added).map(([clinic, rows]) => [slugs.get(clinic) ?? clinic, rows]);
    return { id, ...report, added: Object.fromEntries(added) };
  });
};

export const IMPORT: OperationTable<Omit<Importing, 'tenant'> & { readonly slug: string }, Importing> = {
  kind: 'import',
  prepare: {
    run: async ({ control }, { slug, ...asked }) => ({ ...asked, tenant: await getTenant(control, slug) }),
  },
  steps: [
    {
      name: 'write',
      points: ['import-written'],
      run: async (runtime, importing) => {
        const report = await bringIn(runtime, importing);
        importing.onReport(report);
        if (report.problemCount > 0)
          throw new RingfenceError('import_invalid', `${report.problemCount} problems: nothing was imported`);
      },
    },
  ],
};
