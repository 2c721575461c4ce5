import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { loadDemo } from '../../../../data-plane/demo/load.js';
import { envelopeKeyVersion } from '../../../../data-plane/keys/field-envelope.js';
import { anyVersionReader } from '../../../../data-plane/keys/rotation/any-version.js';
import { readSealedTables } from '../../../../data-plane/keys/rotation/sealed-tables.js';
import { TenantKey } from '../../../../data-plane/keys/tenant-key.js';
import type { TestDatabase } from '../../../support/cell-database.js';
import { type DemoTenant, plantTenant, TODAY } from '../../demo/clinics.js';

/** A tenant with sealed data of key version 1. */
export const plantSealedTenant = async (
  db: TestDatabase,
  slug: string,
  patients: number,
): Promise<DemoTenant> => {
  const tenant = await plantTenant(db.admin, slug);
  await loadDemo(db.connection, { ...tenant, patients, seed: 5, today: TODAY });
  return tenant;
};

/** Versions 1 to `count`: the first is the tenant's, the others are new. */
export const versionsOf = (tenant: DemoTenant, count: number): TenantKey[] => [
  tenant.key,
  ...Array.from(
    { length: count - 1 },
    (_, made) => new TenantKey(tenant.tenantId, made + 2, randomBytes(32)),
  ),
];

/** Every sealed field of the tenant as `table/column/row` to its text, and how many have each key version. */
export const readFields = async (
  admin: pg.Pool,
  tenant: DemoTenant,
  keys: readonly TenantKey[],
): Promise<{ texts: Map<string, string>; versions: Record<number, number> }> => {
  const texts = new Map<string, string>();
  const versions: Record<number, number> = {};
  const client = await admin.connect();
  try {
    for (const table of await readSealedTables(client)) {
      for (const { id: clinicId } of tenant.clinics) {
        const read = anyVersionReader(keys, clinicId);
        for (const { column } of table.fields) {
          const { rows } = await client.query<{ row_id: string; envelope: Buffer }>(
            `SELECT ${table.key}::text AS row_id, ${column} AS envelope FROM ${table.quoted} WHERE clinic_id = $1`,
            [clinicId],
          );
          for (const { row_id: rowId, envelope } of rows) {
            texts.set(
              `${table.name}/${column}/${rowId}`,
              read({ table: table.name, column, rowId }, envelope),
            );
            const version = envelopeKeyVersion(envelope);
            versions[version] = (versions[version] ?? 0) + 1;
          }
        }
      }
    }
  } finally {
    client.release();
  }
  return { texts, versions };
};
