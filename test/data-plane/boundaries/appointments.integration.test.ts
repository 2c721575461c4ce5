import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { useDatabase } from '../../support/cell-database.js';
import { addPatient, inClinic, type KeyedClinic, outcome, useNeighbours } from './scene.js';

const SLOT = '2026-12-01T09:00:00Z';
const BOOK = `INSERT INTO clinical.appointments (patient_id, staff_id, service_id, starts_at, duration_minutes, status)
              VALUES ($1, $2, $3, $4, 30, 'booked')`;

interface Desk {
  readonly patient: string;
  readonly staff: string;
  readonly service: string;
}

/** Appointments: clinics share no resources, also where one doctor works in two of them. */
describe('Appointments', () => {
  const db = useDatabase();
  const at = useNeighbours(db);
  const desks = new Map<KeyedClinic, Desk>();
  const doctor = randomUUID();

  beforeAll(async () => {
    for (const clinic of [at.own, at.sister, at.foreign]) {
      const desk = {
        patient: await addPatient(db, clinic, { name: 'Ana', phone: '+34600000000' }),
        staff: randomUUID(),
        service: randomUUID(),
      };
      await inClinic(
        db,
        clinic,
        `INSERT INTO clinical.staff (id, user_id, full_name, role) VALUES ($1, $2, 'Dra. Ruiz', 'doctor')`,
        [desk.staff, doctor],
      );
      await inClinic(
        db,
        clinic,
        `INSERT INTO clinical.services (id, name, duration_minutes) VALUES ($1, 'Revisión', 30)`,
        [desk.service],
      );
      desks.set(clinic, desk);
    }
  });

  it('are booked with patients, staff and services of the clinic only, and a refusal tells nothing', async () => {
    const mine = desks.get(at.own) as Desk;
    for (const part of ['patient', 'staff', 'service'] as const) {
      const outcomes = new Set<string>();
      for (const id of [desks.get(at.sister)?.[part], desks.get(at.foreign)?.[part], randomUUID()]) {
        const { patient, staff, service }: Desk = { ...mine, [part]: id };
        outcomes.add(await outcome(db, at.own, BOOK, [patient, staff, service, SLOT]));
      }
      expect([...outcomes]).toEqual([expect.stringMatching(/^23503/)]);
    }
  });

  it('of a doctor in one clinic are no part of the calendar of another one', async () => {
    for (const [clinic, { patient, staff, service }] of desks)
      await inClinic(db, clinic, BOOK, [patient, staff, service, SLOT]);
    for (const [clinic, { staff }] of desks) {
      const rows = await inClinic(
        db,
        clinic,
        `SELECT a.staff_id FROM clinical.appointments a JOIN clinical.staff s ON s.id = a.staff_id WHERE s.user_id = $1`,
        [doctor],
      );
      expect(rows).toEqual([{ staff_id: staff }]);
    }
  });

  it('of another clinic are not moved or canceled', async () => {
    const { rows } = await db.admin.query('SELECT id FROM clinical.appointments WHERE clinic_id <> $1', [
      at.own.clinicId,
    ]);
    expect(rows).toHaveLength(2);
    for (const { id } of rows) {
      const cancel = `UPDATE clinical.appointments SET status = 'canceled' WHERE id = $1`;
      expect(await outcome(db, at.own, cancel, [id])).toBe('0 rows');
    }
  });
});
