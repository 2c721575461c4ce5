import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { decryptField, encryptField, fieldKey } from '../../../data-plane/keys/field-envelope.js';
import { useDatabase } from '../../support/cell-database.js';
import { addPatient, inClinic, type KeyedClinic, outcome, useNeighbours } from './scene.js';

const TEXT = 'canario: me duele la muela';

/** Messages: strictly per clinic, also between branches of one tenant. */
describe('Messages', () => {
  const db = useDatabase();
  const at = useNeighbours(db);
  const written = new Map<KeyedClinic, { patient: string; conversation: string; message: string }>();

  beforeAll(async () => {
    for (const clinic of [at.own, at.sister, at.foreign]) {
      const patient = await addPatient(db, clinic, { name: 'Ana', phone: '+34600000000' });
      const [conversation, message] = [randomUUID(), randomUUID()];
      await inClinic(
        db,
        clinic,
        `INSERT INTO clinical.conversations (id, patient_id, channel) VALUES ($1, $2, 'sms')`,
        [conversation, patient],
      );
      const place = { table: 'clinical.messages', column: 'body_sealed', rowId: message };
      const body = encryptField(fieldKey(clinic.key, clinic.clinicId), place, TEXT);
      await inClinic(db, clinic, INSERT, [message, conversation, body]);
      written.set(clinic, { patient, conversation, message });
    }
  });

  const INSERT = `INSERT INTO clinical.messages (id, conversation_id, author, body_sealed, sent_at)
                  VALUES ($1, $2, 'patient', $3, now())`;

  it('are read by their clinic only', async () => {
    for (const [clinic, { message }] of written) {
      const rows = await inClinic(
        db,
        clinic,
        `SELECT m.id FROM clinical.messages m JOIN clinical.conversations c ON c.id = m.conversation_id
           JOIN clinical.patients p ON p.id = c.patient_id`,
      );
      expect(rows).toEqual([{ id: message }]);
    }
  });

  it('go into no conversation of another clinic, and the refusal does not say that it exists', async () => {
    const outcomes = new Set<string>();
    for (const conversation of [
      written.get(at.sister)?.conversation,
      written.get(at.foreign)?.conversation,
      randomUUID(),
    ]) {
      outcomes.add(await outcome(db, at.own, INSERT, [randomUUID(), conversation, Buffer.alloc(0)]));
    }
    expect([...outcomes]).toEqual([expect.stringMatching(/^23503/)]);
  });

  it.each([
    'UPDATE clinical.messages SET body_sealed = $2 WHERE id = $1',
    'DELETE FROM clinical.messages WHERE id = $1 AND $2::bytea IS NOT NULL',
  ])('of another clinic are not changed: %s', async (statement) => {
    for (const other of [at.sister, at.foreign]) {
      const values = [written.get(other)?.message, Buffer.alloc(1)];
      expect(await outcome(db, at.own, statement, values)).toBe('0 rows');
    }
  });

  it('do not open where they were copied to', async () => {
    const { rows } = await db.admin.query<{ body: Buffer }>(
      'SELECT body_sealed AS body FROM clinical.messages WHERE clinic_id = $1',
      [at.sister.clinicId],
    );
    const place = {
      table: 'clinical.messages',
      column: 'body_sealed',
      rowId: written.get(at.sister)?.message as string,
    };
    expect(decryptField(fieldKey(at.sister.key, at.sister.clinicId), place, rows[0]?.body as Buffer)).toBe(
      TEXT,
    );
    expect(() => decryptField(fieldKey(at.own.key, at.own.clinicId), place, rows[0]?.body as Buffer)).toThrow(
      expect.objectContaining({ code: 'envelope_refused' }),
    );
  });
});
