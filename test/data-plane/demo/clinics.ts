import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { DemoClinic } from '../../../data-plane/demo/known-clinics.js';
import { TenantKey } from '../../../data-plane/keys/tenant-key.js';
import { plantClinic } from '../../support/cell-database.js';

export const TODAY = new Date('2026-11-20T11:30:00Z');

/** A tenant with a dental clinic in Madrid and a psychologist's in Cairo. */
export interface DemoTenant {
  readonly tenantId: string;
  readonly key: TenantKey;
  readonly clinics: readonly [DemoClinic, DemoClinic];
}

export const plantTenant = async (admin: pg.Pool, slug: string): Promise<DemoTenant> => {
  const { tenantId, clinicId } = await plantClinic(admin, slug);
  const second = randomUUID();
  await admin.query(
    `INSERT INTO ringfence.clinics (id, tenant_id, slug, name, vertical, time_zone, state)
     VALUES ($1, $2, 'second', 'second', 'psychology', 'Africa/Cairo', 'active')`,
    [second, tenantId],
  );
  return {
    tenantId,
    key: new TenantKey(tenantId, 1, Buffer.alloc(32, slug.length)),
    clinics: [
      { id: clinicId, name: 'Clínica Peñalver', vertical: 'dental', timeZone: 'Europe/Madrid' },
      { id: second, name: 'عيادة النور', vertical: 'psychology', timeZone: 'Africa/Cairo' },
    ],
  };
};

const TABLES = `SELECT format('%I.%I', schema_name, table_name) AS name FROM ringfence.tenant_tables ORDER BY 1`;

/** The events that the triggers add with every load are no rows of the load. */
const LOADED = `NOT (to_jsonb(t) ->> 'actor' IS NOT NULL AND to_jsonb(t) ->> 'actor' LIKE 'administrator:%')`;

/** Rows of these clinics by table; tables without any are left out. */
export const countRows = async (
  admin: pg.Pool,
  clinics: readonly { readonly id: string }[],
): Promise<Record<string, number>> => {
  const counts: Record<string, number> = {};
  const { rows: tables } = await admin.query<{ name: string }>(TABLES);
  for (const { name } of tables) {
    const { rows } = await admin.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM ${name} t WHERE clinic_id = ANY ($1::uuid[]) AND ${LOADED}`,
      [clinics.map(({ id }) => id)],
    );
    if (rows[0] !== undefined && rows[0].count > 0) counts[name] = rows[0].count;
  }
  return counts;
};

/** A digest of every row of these clinics, by table. */
export const digestRows = async (
  admin: pg.Pool,
  clinics: readonly { readonly id: string }[],
): Promise<Record<string, string | null>> => {
  const digests: Record<string, string | null> = {};
  const { rows: tables } = await admin.query<{ name: string }>(TABLES);
  for (const { name } of tables) {
    const { rows } = await admin.query<{ digest: string | null }>(
      `SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) AS digest FROM ${name} t
        WHERE clinic_id = ANY ($1::uuid[]) AND ${LOADED}`,
      [clinics.map(({ id }) => id)],
    );
    digests[name] = rows[0]?.digest ?? null;
  }
  return digests;
};
