import { beforeAll, describe, expect, it } from 'vitest';
import { useDatabase } from '../../support/cell-database.js';
import { addPatient, inClinic, outcome, useNeighbours } from './scene.js';

const CUSTOMER = `INSERT INTO clinical.billing_customers (provider, provider_customer_id) VALUES ('stripe', $1)`;

/** Billing: each clinic has one payment customer of its own, also where one tenant pays for several. */
describe('Billing', () => {
  const db = useDatabase();
  const at = useNeighbours(db);

  beforeAll(async () => {
    for (const clinic of [at.own, at.sister, at.foreign])
      await inClinic(db, clinic, CUSTOMER, [`cus_${clinic.clinicId}`]);
  });

  it('has one customer a clinic, which it sees alone', async () => {
    for (const clinic of [at.own, at.sister, at.foreign]) {
      const rows = await inClinic(
        db,
        clinic,
        'SELECT provider_customer_id AS id FROM clinical.billing_customers',
      );
      expect(rows).toEqual([{ id: `cus_${clinic.clinicId}` }]);
      expect(await outcome(db, clinic, CUSTOMER, ['cus_second'])).toMatch(/^23505/);
    }
  });

  it('gives a clinic no customer by another one', async () => {
    const insert = `INSERT INTO clinical.billing_customers (clinic_id, provider, provider_customer_id)
                    VALUES ($1, 'stripe', 'x')`;
    const take = 'UPDATE clinical.billing_customers SET clinic_id = $1';
    for (const other of [at.sister, at.foreign]) {
      expect(await outcome(db, at.own, insert, [other.clinicId])).toMatch(/^42501/);
      expect(await outcome(db, at.own, take, [other.clinicId])).toMatch(/^42501/);
    }
  });

  it('numbers invoices for each clinic by itself', async () => {
    for (const clinic of [at.own, at.sister, at.foreign]) {
      const patient = await addPatient(db, clinic, { name: 'Ana', phone: '+34600000000' });
      // As an administrator: issuing takes a visit, which is no part of this boundary.
      await db.admin.query(
        `INSERT INTO clinical.invoices (clinic_id, patient_id, number, issued_at, total_eur, status)
         VALUES ($1, $2, '2026-000001', now(), 40, 'open')`,
        [clinic.clinicId, patient],
      );
      const rows = await inClinic(
        db,
        clinic,
        'SELECT number, sum(total_eur)::int AS eur FROM clinical.invoices GROUP BY 1',
      );
      expect(rows).toEqual([{ number: '2026-000001', eur: 40 }]);
    }
  });

  it('is not set by the clinic: applications only read the subscription', async () => {
    const insert = `INSERT INTO clinical.subscriptions (plan, status) VALUES ('pro', 'ACTIVE')`;
    expect(await outcome(db, at.own, insert)).toMatch(/^42501/);
  });
});
