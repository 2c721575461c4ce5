import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import type { TenantKey } from '../../../../data-plane/keys/tenant-key.js';
import type { Recipients } from '../../../../data-plane/transfer/age/recipients.js';
import { exportTenant } from '../../../../data-plane/transfer/export/export-tenant.js';
import {
  type ImportOptions,
  type ImportReport,
  importTenant,
} from '../../../../data-plane/transfer/import/import-tenant.js';
import type { TestDatabase } from '../../../support/cell-database.js';
import { type DemoTenant, digestRows, plantTenant } from '../../demo/clinics.js';

/** A folder that goes with the test file. */
export const useFolder = (): {
  readonly path: string;
  write(files: Record<string, string | Uint8Array>): string;
} => {
  const path = mkdtempSync(join(tmpdir(), 'ringfence-import-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return {
    path,
    write: (files) => {
      const folder = join(path, randomUUID());
      for (const [name, content] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), content);
      }
      return folder;
    },
  };
};

/** A tenant without rows, with room for many. Its clinics are `<slug>` and `second`. */
export const plantEmpty = async (db: TestDatabase, slug: string, rows = 1_000_000): Promise<DemoTenant> => {
  const tenant = await plantTenant(db.admin, slug);
  await db.admin.query(
    `INSERT INTO ringfence.quotas (tenant_id, connections, statement_timeout_ms, storage_bytes, rows, requests_per_minute,
       concurrent_users, compute_seconds_per_day, monthly_cost_cap_eur)
     VALUES ($1, 10, 10000, 1000000000, $2, 1000, 10, 1000, 100)`,
    [tenant.tenantId, rows],
  );
  return tenant;
};

export const importInto = (
  db: TestDatabase,
  tenant: DemoTenant,
  path: string,
  more: Partial<ImportOptions> = {},
): Promise<ImportReport> =>
  importTenant({
    admin: db.connection,
    tenantId: tenant.tenantId,
    keys: [tenant.key],
    path,
    clinicNames: new Map(),
    importId: randomUUID(),
    dryRun: false,
    ...more,
  });

export const exportOf = (
  db: TestDatabase,
  tenant: DemoTenant,
  slug: string,
  path: string,
  keys: readonly TenantKey[] = [tenant.key],
  sealTo?: Recipients,
  onWritten?: () => void,
) =>
  exportTenant({
    admin: db.connection,
    tenant: { id: tenant.tenantId, slug, legalName: slug },
    keys,
    clinics: [],
    path,
    ...(sealTo && { sealTo }),
    ...(onWritten && { onWritten }),
    exportId: randomUUID(),
    toolVersion: '9.9.9',
    now: new Date('2026-11-22T10:00:00Z'),
  });

/** Every row of the tenant by table, and what its ledger says: equal before and after what changed nothing. */
export const stateOf = async (db: TestDatabase, tenant: DemoTenant): Promise<unknown> => ({
  rows: await digestRows(db.admin, tenant.clinics),
  ledger: (
    await db.admin.query('SELECT * FROM ringfence_private.ledgers WHERE tenant_id = $1', [tenant.tenantId])
  ).rows,
});
