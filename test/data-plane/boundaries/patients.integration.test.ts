import { beforeAll, describe, expect, it } from 'vitest';
import { blindIndex } from '../../../data-plane/keys/blind-index.js';
import { decryptField, fieldKey } from '../../../data-plane/keys/field-envelope.js';
import { useDatabase } from '../../support/cell-database.js';
import { addPatient, inClinic, type KeyedClinic, outcome, useNeighbours } from './scene.js';

const PERSON = { name: 'Begoña Núñez Ibarra', phone: '+34 600 111 222' };

/** Patient profiles: the same person at two clinics is two rows that nothing links. */
describe('The same person at two clinics of a tenant and at one of another', () => {
  const db = useDatabase();
  const at = useNeighbours(db);
  const ids = new Map<KeyedClinic, string>();
  let clinics: KeyedClinic[];

  beforeAll(async () => {
    clinics = [at.own, at.sister, at.foreign];
    for (const clinic of clinics) ids.set(clinic, await addPatient(db, clinic, PERSON));
  });

  it('has no value in common: ids, envelopes, blind indexes', async () => {
    const { rows } = await db.admin.query<Record<string, Buffer | string>>(
      `SELECT id, patient_name_sealed, patient_name_index, phone_sealed, phone_index, medical_history_sealed,
              substring(patient_name_sealed FROM 6 FOR 32) AS commitment FROM clinical.patients`,
    );
    const values = rows.flatMap((row) =>
      Object.values(row).map((value) => (Buffer.isBuffer(value) ? value.toString('hex') : value)),
    );
    expect(rows).toHaveLength(3);
    expect(new Set(values).size).toBe(values.length);
    console.log(`one person at three clinics: ${values.length} stored values, all different`);
  });

  it('is one row to each clinic, in every way of looking', async () => {
    for (const clinic of clinics) {
      expect(await inClinic(db, clinic, 'SELECT id FROM clinical.patients')).toEqual([
        { id: ids.get(clinic) },
      ]);
      const joined = `SELECT FROM clinical.patients a JOIN clinical.patients b USING (phone_index)`;
      expect(await inClinic(db, clinic, joined)).toHaveLength(1);
      const alike = `SELECT FROM clinical.patients a JOIN clinical.patients b ON a.locale = b.locale AND a.id <> b.id`;
      expect(await inClinic(db, clinic, alike)).toHaveLength(0);
    }
  });

  it('is not found by the blind index, the envelope or the id of another clinic', async () => {
    for (const clinic of clinics) {
      for (const other of clinics.filter((one) => one !== clinic)) {
        const index = blindIndex(other.key, other.clinicId);
        const found = await inClinic(
          db,
          clinic,
          `SELECT FROM clinical.patients WHERE phone_index = $1 OR patient_name_index = $2 OR id = $3`,
          [index.phone(PERSON.phone), index.name(PERSON.name), ids.get(other)],
        );
        expect(found).toHaveLength(0);
      }
    }
  });

  it('opens under its own clinic only, also with the key of the tenant', async () => {
    const [mine] = await inClinic<{ name: Buffer }>(
      db,
      at.own,
      'SELECT patient_name_sealed AS name FROM clinical.patients',
    );
    const place = {
      table: 'clinical.patients',
      column: 'patient_name_sealed',
      rowId: ids.get(at.own) as string,
    };
    const envelope = mine?.name as Buffer;
    expect(decryptField(fieldKey(at.own.key, at.own.clinicId), place, envelope)).toBe(PERSON.name);
    for (const other of [at.sister, at.foreign]) {
      expect(() => decryptField(fieldKey(other.key, other.clinicId), place, envelope)).toThrow(
        expect.objectContaining({ code: 'envelope_refused' }),
      );
    }
  });

  it('cannot be guessed by making a row: an id that another clinic has is as free as any', async () => {
    const insert = `INSERT INTO clinical.patients SELECT $1::uuid, $2::uuid, patient_name_sealed, patient_name_index,
      phone_sealed, phone_index, medical_history_sealed, birth_date, locale, created_at FROM clinical.patients`;
    for (const id of [ids.get(at.foreign), ids.get(at.sister), '00000000-0000-4000-8000-000000000001']) {
      expect(await outcome(db, at.own, insert, [at.own.clinicId, id])).toBe('1 rows');
    }
    expect(await outcome(db, at.own, insert, [at.sister.clinicId, ids.get(at.own)])).toMatch(/^42501/);
  });
});
