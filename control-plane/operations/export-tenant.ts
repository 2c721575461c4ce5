import { randomUUID } from 'node:crypto';
import { type ExportReport, exportTenant } from '../../data-plane/export/export-tenant.js';
import { loadKeyVersions } from '../../data-plane/keys/rotation/any-version.js';
import { getTenant } from '../registry/tenants.js';
import { wrappedKeys } from '../registry/wrapped-keys.js';
import type { Runtime } from '../runtime.js';

export interface ExportRequest {
  /** Slugs; empty for all. */
  readonly clinics: readonly string[];
  /** The zip, absolute. */
  readonly path: string;
  readonly toolVersion: string;
  readonly onProgress?: (progress: { readonly clinic: string; readonly table: string }) => void;
}

/** Writes the rows of a tenant's clinics, decrypted, into a zip (GDPR Art. 20). Other work on the tenant goes on. */
export const exportRegisteredTenant = async (
  runtime: Runtime,
  slug: string,
  request: ExportRequest,
): Promise<ExportReport> => {
  const { id, cell, legalName } = await getTenant(runtime.control, slug);
  const admin = await runtime.target.adminConnection(cell);
  const keys = await loadKeyVersions(runtime.target.tenantKeys, wrappedKeys(runtime.control), id);
  try {
    return await exportTenant({
      ...request,
      admin,
      tenant: { id, slug, legalName },
      keys,
      exportId: randomUUID(),
      now: runtime.now(),
      onWritten: () => runtime.reached('export-written'),
    });
  } finally {
    for (const key of keys) key.wipe();
  }
};
