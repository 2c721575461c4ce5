import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadDemo } from '../../../data-plane/demo/load.js';
import { sampleDemo } from '../../../data-plane/demo/sample.js';
import { blindIndex } from '../../../data-plane/keys/blind-index.js';
import { decryptField, fieldKey } from '../../../data-plane/keys/field-envelope.js';
import { TenantKey } from '../../../data-plane/keys/tenant-key.js';
import { useDatabase } from '../../support/cell-database.js';
import { type DemoTenant, digestRows, plantTenant, TODAY } from './clinics.js';

const SEALED = [
  ['patients', 'patient_name_sealed'],
  ['patients', 'phone_sealed'],
  ['patients', 'medical_history_sealed'],
  ['prescriptions', 'payload_sealed'],
  ['prescription_addenda', 'note_sealed'],
  ['messages', 'body_sealed'],
] as const;

/** Bytes that repeat from one load to the next: for comparing loads, never for real keys. */
const fixedBytes = () => {
  let drawn = 0;
  return (length: number): Buffer => {
    drawn += 1;
    return Buffer.alloc(length, drawn);
  };
};

describe('Sealed demo data', () => {
  const db = useDatabase();
  let tenant: DemoTenant;

  beforeAll(async () => {
    tenant = await plantTenant(db.admin, 'sealed');
    await loadDemo(db.connection, { ...tenant, patients: 200, seed: 3, today: TODAY });
  });

  it.each(SEALED)('opens every %s.%s at its own place and at no other row', async (table, column) => {
    for (const clinic of tenant.clinics) {
      const key = fieldKey(tenant.key, clinic.id);
      const { rows } = await db.admin.query<{ id: string; sealed: Buffer }>(
        `SELECT id, ${column} AS sealed FROM clinical.${table} WHERE clinic_id = $1`,
        [clinic.id],
      );
      expect(rows.length).toBeGreaterThan(0);
      for (const [position, { id, sealed }] of rows.entries()) {
        const place = { table: `clinical.${table}`, column, rowId: id };
        expect(decryptField(key, place, sealed)).not.toBe('');
        const otherRow = { ...place, rowId: rows[(position + 1) % rows.length]?.id ?? '' };
        if (rows.length > 1) expect(() => decryptField(key, otherRow, sealed)).toThrow(/envelope|altered/);
      }
    }
  });

  it('finds a patient by name and phone in any spelling', async () => {
    const [clinic] = tenant.clinics;
    const [patient] = await sampleDemo(db.connection, { clinicId: clinic.id, keys: [tenant.key], limit: 1 });
    const index = blindIndex(tenant.key, clinic.id);
    const { rowCount } = await db.admin.query(
      `SELECT FROM clinical.patients WHERE clinic_id = $1 AND patient_name_index = $2 AND phone_index = $3`,
      [
        clinic.id,
        index.name(`  ${patient?.patientName.toLowerCase()} `),
        index.phone(patient?.phone.replaceAll(' ', '-') ?? ''),
      ],
    );
    expect(rowCount).toBe(1);
  });

  it('shows patients of every language, decrypted, in their script', async () => {
    for (const clinic of tenant.clinics) {
      const shown = await sampleDemo(db.connection, { clinicId: clinic.id, keys: [tenant.key], limit: 60 });
      expect(shown).toHaveLength(60);
      expect(new Set(shown.slice(0, 3).map(({ locale }) => locale))).toEqual(new Set(['ar', 'en', 'es']));
      for (const { patientName, locale, medicalHistory, lastMessage } of shown) {
        const script = locale === 'ar' ? /\p{Script=Arabic}/u : /\p{Script=Latin}/u;
        expect(patientName).toMatch(script);
        expect(medicalHistory).toMatch(script);
        if (lastMessage !== null) expect(lastMessage).toMatch(script);
        expect(`${patientName}${medicalHistory}${lastMessage}`).not.toMatch(/[\ufffd{}]/);
      }
      expect(shown.some(({ patientName }) => /[ñáéíóúü]/i.test(patientName))).toBe(true);
      expect(shown.some(({ lastMessage }) => lastMessage !== null)).toBe(true);
    }
  });

  it('shows nothing under the key of another tenant', async () => {
    const foreign = new TenantKey(tenant.tenantId, 1, randomBytes(32));
    const shown = sampleDemo(db.connection, { clinicId: tenant.clinics[0].id, keys: [foreign], limit: 1 });
    await expect(shown).rejects.toMatchObject({ code: 'envelope_refused' });
  });
});

describe('One seed', () => {
  const db = useDatabase();
  const again = useDatabase();

  it('gives the same rows in another database, byte for byte', async () => {
    const tenant = await plantTenant(db.admin, 'twice');
    for (const [table, key] of [
      ['tenants', 'id'],
      ['clinics', 'tenant_id'],
    ]) {
      const { rows } = await db.admin.query(`SELECT * FROM ringfence.${table} WHERE ${key} = $1`, [
        tenant.tenantId,
      ]);
      await again.admin.query(
        `INSERT INTO ringfence.${table} SELECT * FROM jsonb_populate_recordset(NULL::ringfence.${table}, $1)`,
        [JSON.stringify(rows)],
      );
    }
    for (const { connection } of [db, again]) {
      const random = fixedBytes();
      await loadDemo(connection, { ...tenant, patients: 700, seed: 11, today: TODAY, random });
    }
    const digests = await digestRows(db.admin, tenant.clinics);
    expect(Object.values(digests)).not.toContain(null);
    expect(await digestRows(again.admin, tenant.clinics)).toEqual(digests);
  });
});
