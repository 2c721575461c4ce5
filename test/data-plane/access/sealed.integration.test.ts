import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Access } from '../../../data-plane/access/create-access.js';
import type { TenantDatabase } from '../../../data-plane/access/tenant-database.js';
import { tenantKeys } from '../../../data-plane/keys/tenant-keys.js';
import { memoryWrappedKeyStore } from '../keys/memory-wrapped-key-store.js';
import { type Colleague, useClinics } from './clinic-scene.js';

const PATIENT = {
  patient_name: 'Begoña Ibáñez',
  phone: '+34 600 111 222',
  medical_history: 'Penicillin allergy',
  locale: 'es',
};

describe('sealed columns', () => {
  const scene = useClinics();
  const calls = { wrap: 0, unwrap: 0 };
  const store = memoryWrappedKeyStore();
  const keys = tenantKeys({
    store,
    root: {
      name: 'local',
      knows: () => true,
      ensureRoot: async () => 'root',
      wrap: async (_, key) => {
        calls.wrap++;
        return Buffer.from(key);
      },
      unwrap: async (_, wrapped) => {
        calls.unwrap++;
        return Buffer.from(wrapped);
      },
      scheduleRootDeletion: async () => new Date(),
      whereabouts: async () => [],
    },
  });
  let a: Colleague;
  let b: Colleague;
  const opened = (): Access =>
    scene.access({
      tenantKeys: keys,
      sealedColumns: { 'clinical.services': { name: { sealed: 'name' } } },
    });
  const as = <T>(access: Access, who: Colleague, work: (db: TenantDatabase) => Promise<T>): Promise<T> =>
    access.run(who.token(), who.clinicId, work);

  beforeAll(async () => {
    a = await scene.clinic('a');
    b = await scene.clinic('b');
    for (const { tenantId } of [a, b]) (await keys.create(tenantId, 'root')).wipe();
  });

  it('are opened as the status of the visit allows: an assistant reads no history after the visit', async () => {
    const access = opened();
    const boss = await scene.clinic('by-status');
    (await keys.create(boss.tenantId, 'root')).wipe();
    const assistant = await scene.colleague(boss, 'assistant');
    const id = await as(access, boss, (db) => db.rows.insert('clinical.patients', PATIENT));
    const { admin } = scene.database;
    const staff = await admin.query('SELECT id FROM clinical.staff WHERE user_id = $1', [boss.userId]);
    const visit = async (status: string) => {
      await admin.query('DELETE FROM clinical.visits WHERE patient_id = $1', [id]);
      await admin.query(
        'INSERT INTO clinical.visits (clinic_id, patient_id, staff_id, status) VALUES ($1, $2, $3, $4)',
        [boss.clinicId, id, staff.rows[0].id, status],
      );
    };
    const read = (who: Colleague) =>
      as(access, who, async (db) => {
        const [found] = await db.rows.find('clinical.patients', { phone: PATIENT.phone, id });
        const { rows } = await db.query<{ envelope: Buffer }>(
          'SELECT medical_history_sealed AS envelope FROM clinical.patients WHERE id = $1',
          [id],
        );
        const opened = await db.sealed
          .open('clinical.patients', 'medical_history', id, rows[0]?.envelope as Buffer)
          .catch((error: { code: string }) => error.code);
        return [found?.medical_history, opened];
      });
    await visit('WITH_ASSISTANT');
    expect(await read(assistant)).toEqual([PATIENT.medical_history, PATIENT.medical_history]);
    await visit('DONE');
    expect(await read(assistant)).toEqual([undefined, 'not_permitted']);
    expect(await read(boss)).toEqual([PATIENT.medical_history, PATIENT.medical_history]);
  });

  it('are written, found and read under plain names; the database sees ciphertext only', async () => {
    const access = opened();
    const id = await as(access, a, (db) => db.rows.insert('clinical.patients', PATIENT));
    const stored = await scene.database.admin.query(
      'SELECT row_to_json(p)::text AS row, patient_name_sealed FROM clinical.patients p WHERE id = $1',
      [id],
    );
    const texts = [PATIENT.patient_name, PATIENT.phone, PATIENT.medical_history];
    for (const text of texts.flatMap((plain) => [plain, Buffer.from(plain).toString('hex')]))
      expect(stored.rows[0].row).not.toContain(text);
    const found = await as(access, a, async (db) => [
      await db.rows.find('clinical.patients', { patient_name: '  begona IBANEZ' }),
      await db.rows.find('clinical.patients', { phone: '0034600111222', locale: 'es' }),
      await db.rows.find('clinical.patients', { phone: '+34 600 111 223' }),
      await db.rows.open(
        'clinical.patients',
        (await db.query('SELECT id, phone_sealed FROM clinical.patients')).rows,
      ),
    ]);
    expect(found.slice(0, 2)).toEqual([
      [expect.objectContaining({ id, ...PATIENT })],
      [expect.objectContaining(PATIENT)],
    ]);
    expect(Object.keys(found[0]?.[0] ?? {}).filter((name) => /_(sealed|index)$/.test(name))).toEqual([]);
    expect(found.slice(2)).toEqual([[], [{ id, phone: PATIENT.phone }]]);
  });

  it('take columns that the application declares', async () => {
    const envelope = await as(opened(), a, async (db) => {
      const id = randomUUID();
      const sealed = await db.sealed.seal('clinical.services', 'name', id, 'Botox');
      expect(await db.sealed.open('clinical.services', 'name', id, sealed)).toBe('Botox');
      return sealed;
    });
    expect(envelope.toString('latin1')).not.toContain('Botox');
    const unknown = as(opened(), a, (db) => db.sealed.seal('clinical.visits', 'note', randomUUID(), 'x'));
    await expect(unknown).rejects.toMatchObject({ code: 'usage' });
    const unsearchable = as(opened(), a, (db) => db.rows.find('clinical.patients', { medical_history: 'x' }));
    await expect(unsearchable).rejects.toMatchObject({ code: 'usage' });
  });

  it('do not open in another tenant, row, column or table, nor altered; each attempt is reported', async () => {
    const access = opened();
    const id = randomUUID();
    const envelope = await as(access, a, (db) => db.sealed.seal('clinical.patients', 'phone', id, 'secret'));
    const flipped = Buffer.from(envelope);
    flipped.writeUInt8(flipped.readUInt8(60) ^ 1, 60);
    const otherVersion = Buffer.from(envelope);
    otherVersion.writeUInt32BE(9, 1);
    const open = (who: Colleague, table: string, column: string, rowId: string, bytes: Buffer) =>
      as(access, who, (db) => db.sealed.open(table, column, rowId, bytes));
    const attempts = await Promise.allSettled([
      open(b, 'clinical.patients', 'phone', id, envelope),
      open(a, 'clinical.patients', 'phone', randomUUID(), envelope),
      open(a, 'clinical.patients', 'patient_name', id, envelope),
      open(a, 'clinical.messages', 'body', id, envelope),
      open(a, 'clinical.patients', 'phone', id, flipped),
      open(a, 'clinical.patients', 'phone', id, otherVersion),
      open(a, 'clinical.patients', 'phone', id, Buffer.alloc(0)),
    ]);
    for (const attempt of attempts) {
      const error = attempt.status === 'rejected' ? attempt.reason : undefined;
      expect(error).toMatchObject({ code: 'envelope_refused', reason: 'envelope_refused' });
      expect(`${error} ${error.fix}`).not.toContain('secret');
    }
    expect(scene.refusals).toHaveLength(attempts.length);
    const { clinicId, userId, tenantId } = b;
    expect(scene.refusals).toContainEqual(expect.objectContaining({ clinicId, userId, tenantId }));
  });

  it('call no key service once a key is warm', async () => {
    const access = opened();
    await as(access, a, (db) => db.rows.insert('clinical.patients', PATIENT));
    const before = { ...calls, reads: store.reads };
    for (let n = 0; n < 20; n++) await as(access, a, (db) => db.rows.insert('clinical.patients', PATIENT));
    expect({ ...calls, reads: store.reads }).toEqual(before);
  });

  it('are refused without keys, and when the key was destroyed', async () => {
    const without = as(scene.access(), a, (db) => db.rows.insert('clinical.patients', PATIENT));
    await expect(without).rejects.toMatchObject({ code: 'config_invalid' });
    const c = await scene.clinic('c');
    (await keys.create(c.tenantId, 'root')).wipe();
    await as(opened(), c, (db) => db.rows.insert('clinical.patients', PATIENT));
    await keys.destroy(c.tenantId);
    const written = as(opened(), c, (db) => db.rows.insert('clinical.patients', PATIENT));
    await expect(written).rejects.toMatchObject({ code: 'key_not_found' });
  });
});
