import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  ACTIONS,
  can,
  permissionRows,
  STAFF_ROLES,
  type StaffRole,
  VISIT_STATUSES,
  type VisitStatus,
} from '../../../core/permissions.js';
import type { ContextSubject } from '../../../data-plane/access/context-token.js';
import {
  announceSupport,
  asClinic,
  plantClinic,
  plantStaff,
  type TestClinic,
  tokenFor,
  useDatabase,
} from '../../support/cell-database.js';

const SEALED = Buffer.alloc(66, 1);

describe('the permission matrix', () => {
  const db = useDatabase();
  let clinic: TestClinic;
  const people = {} as Record<StaffRole, ContextSubject>;
  let doctorStaffId: string;

  beforeAll(async () => {
    clinic = await plantClinic(db.admin, 'matrix');
    for (const role of ['owner', 'admin', 'doctor', 'assistant', 'reception', 'auditor'] as const)
      people[role] = await plantStaff(db.admin, clinic, role);
    people.service = clinic;
    const userId = randomUUID();
    await db.admin.query(
      `INSERT INTO ringfence.support_grants (tenant_id, user_id, reason, granted_by, expires_at)
       VALUES ($1, $2, 'ticket 4711: cannot print', 'ops', now() + interval '1 hour')`,
      [clinic.tenantId, userId],
    );
    people.super_admin = { ...clinic, userId };
    const staff = await db.admin.query(`SELECT id FROM clinical.staff WHERE role = 'doctor'`);
    doctorStaffId = staff.rows[0].id;
  });

  /** A patient, with a visit of this status where it is not NONE. */
  const plantPatient = async (
    status: VisitStatus,
  ): Promise<{ patientId: string; visitId: string | null }> => {
    const patientId = randomUUID();
    await db.admin.query(
      `INSERT INTO clinical.patients (clinic_id, id, patient_name_sealed, patient_name_index, phone_sealed, phone_index,
         medical_history_sealed, locale) VALUES ($1, $2, $3, $3, $3, $3, $3, 'es-ES')`,
      [clinic.clinicId, patientId, SEALED],
    );
    if (status === 'NONE') return { patientId, visitId: null };
    const visit = await db.admin.query(
      `INSERT INTO clinical.visits (clinic_id, patient_id, staff_id, status) VALUES ($1, $2, $3, $4) RETURNING id`,
      [clinic.clinicId, patientId, doctorStaffId, status],
    );
    return { patientId, visitId: visit.rows[0].id };
  };

  const asPerson = async <T>(role: StaffRole, work: (client: pg.PoolClient) => Promise<T>): Promise<T> => {
    if (role === 'super_admin') await announceSupport(db.app, people[role]);
    return asClinic(db.app, people[role], work);
  };

  const outcome = async (
    role: StaffRole,
    work: (client: pg.PoolClient) => Promise<unknown>,
  ): Promise<string> => {
    try {
      await asPerson(role, work);
      return 'allowed';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };

  it('is in the database as in the code', async () => {
    const { rows } = await db.admin.query(
      'SELECT role, visit_status AS "visitStatus", action FROM ringfence.permissions',
    );
    const named = (row: object) => JSON.stringify(row);
    expect(rows.map(named).sort()).toEqual(permissionRows().map(named).sort());
  });

  it('answers in the database as in the code, for every role, status and action', async () => {
    let asked = 0;
    for (const role of STAFF_ROLES) {
      const answers = await asPerson(role, async (client) => {
        const { rows } = await client.query(
          `SELECT s AS status, a AS action, ringfence.can(a, s) AS answer FROM unnest($1::text[]) s, unnest($2::text[]) a`,
          [VISIT_STATUSES, ACTIONS],
        );
        return rows;
      });
      for (const { status, action, answer } of answers) {
        expect(`${role} ${status} ${action} ${answer}`).toBe(
          `${role} ${status} ${action} ${can(role, status, action)}`,
        );
        asked += 1;
      }
    }
    console.log(`permissions asked: ${asked}`);
    expect(asked).toBe(STAFF_ROLES.length * VISIT_STATUSES.length * ACTIONS.length);
  });

  it('keeps every role from editing a patient where the matrix says so', async () => {
    for (const status of VISIT_STATUSES) {
      const { patientId } = await plantPatient(status);
      for (const role of STAFF_ROLES) {
        const found = await outcome(role, (client) =>
          client.query(`UPDATE clinical.patients SET locale = 'ar' WHERE id = $1`, [patientId]),
        );
        expect(`${role} ${status}: ${found}`).toBe(
          `${role} ${status}: ${can(role, status, 'EDIT_PATIENT') ? 'allowed' : 'RF004'}`,
        );
      }
    }
  });

  it('drafts and finalises prescriptions only with the doctor', async () => {
    for (const status of VISIT_STATUSES.filter((one) => one !== 'NONE')) {
      const { visitId } = await plantPatient(status);
      for (const role of STAFF_ROLES) {
        const found = await outcome(role, (client) =>
          client.query(
            `INSERT INTO clinical.prescriptions (visit_id, status, payload_sealed) VALUES ($1, 'draft', $2)`,
            [visitId, SEALED],
          ),
        );
        expect(`${role} ${status}: ${found}`).toBe(
          `${role} ${status}: ${can(role, status, 'DRAFT_PRESCRIPTION') ? 'allowed' : 'RF004'}`,
        );
      }
    }
  });

  it('never edits a final prescription, whoever asks; an addendum is appended', async () => {
    const { visitId } = await plantPatient('WITH_DOCTOR');
    const prescription = await db.admin.query(
      `INSERT INTO clinical.prescriptions (clinic_id, visit_id, status, payload_sealed, finalised_at)
       VALUES ($1, $2, 'final', $3, now()) RETURNING id`,
      [clinic.clinicId, visitId, SEALED],
    );
    const { id } = prescription.rows[0];
    for (const role of STAFF_ROLES) {
      const edit = await outcome(role, async (client) => {
        const { rowCount } = await client.query(
          `UPDATE clinical.prescriptions SET payload_sealed = $2 WHERE id = $1`,
          [id, SEALED],
        );
        if (rowCount === 0) throw Object.assign(new Error(), { code: 'invisible' });
      });
      expect(`${role}: ${edit}`).toMatch(/RF004|invisible/);
      const removal = await outcome(role, async (client) => {
        const { rowCount } = await client.query(`DELETE FROM clinical.prescriptions WHERE id = $1`, [id]);
        if (rowCount === 0) throw Object.assign(new Error(), { code: 'invisible' });
      });
      expect(`${role}: ${removal}`).toMatch(/RF004|invisible/);
      const addendum = await outcome(role, (client) =>
        client.query(
          `INSERT INTO clinical.prescription_addenda (prescription_id, note_sealed) VALUES ($1, $2)`,
          [id, SEALED],
        ),
      );
      expect(`${role}: ${addendum}`).toBe(
        `${role}: ${can(role, 'WITH_DOCTOR', 'APPEND_ADDENDUM') ? 'allowed' : 'RF004'}`,
      );
    }
  });

  it('checks in, starts and finishes a visit by who may', async () => {
    const steps: ReadonlyArray<[VisitStatus, VisitStatus, string]> = [
      ['WAITING', 'WITH_ASSISTANT', 'START_VISIT'],
      ['WITH_ASSISTANT', 'WITH_DOCTOR', 'HAND_OVER'],
      ['WITH_DOCTOR', 'DONE', 'FINISH_VISIT'],
      ['WAITING', 'NO_SHOW', 'CANCEL_VISIT'],
      ['DONE', 'WAITING', 'REOPEN_VISIT'],
    ];
    for (const [from, to, action] of steps) {
      const { visitId } = await plantPatient(from);
      for (const role of STAFF_ROLES) {
        const found = await outcome(role, (client) =>
          client.query(`UPDATE clinical.visits SET status = $2 WHERE id = $1`, [visitId, to]),
        );
        const allowed = can(role, from, action as never);
        expect(`${role} ${from} -> ${to}: ${found}`).toBe(
          `${role} ${from} -> ${to}: ${allowed ? 'allowed' : 'RF004'}`,
        );
      }
    }
  });

  it('keeps people of a department to its visits', async () => {
    const surgeon = await plantStaff(db.admin, clinic, 'doctor', ['surgery']);
    const { patientId } = await plantPatient('NONE');
    for (const department of ['surgery', 'psychology', null])
      await db.admin.query(
        `INSERT INTO clinical.visits (clinic_id, patient_id, staff_id, status, department) VALUES ($1, $2, $3, 'WAITING', $4)`,
        [clinic.clinicId, patientId, doctorStaffId, department],
      );
    const seen = await asClinic(db.app, surgeon, async (client) => {
      const { rows } = await client.query(
        'SELECT department FROM clinical.visits WHERE patient_id = $1 ORDER BY 1',
        [patientId],
      );
      return rows.map(({ department }) => department);
    });
    expect(seen).toEqual(['surgery', null]);
    const moved = asClinic(db.app, surgeon, (client) =>
      client.query(
        `UPDATE clinical.visits SET department = 'psychology' WHERE patient_id = $1 AND department = 'surgery'`,
        [patientId],
      ),
    );
    await expect(moved).rejects.toMatchObject({ code: expect.stringMatching(/RF004|42501/) });
  });

  it('keeps people of a department to its prescriptions and addenda, reading and writing', async () => {
    const surgeon = await plantStaff(db.admin, clinic, 'doctor', ['surgery']);
    const { visitId } = await plantPatient('WITH_DOCTOR');
    const prescribed = await db.admin.query(
      `INSERT INTO clinical.prescriptions (clinic_id, visit_id, status, payload_sealed) VALUES ($1, $2, 'draft', $3) RETURNING id`,
      [clinic.clinicId, visitId, SEALED],
    );
    const prescriptionId = prescribed.rows[0].id;
    await db.admin.query(
      `INSERT INTO clinical.prescription_addenda (clinic_id, prescription_id, note_sealed) VALUES ($1, $2, $3)`,
      [clinic.clinicId, prescriptionId, SEALED],
    );
    const seen = (client: pg.PoolClient) =>
      Promise.all(
        [
          'SELECT FROM clinical.prescriptions WHERE id = $1',
          'SELECT FROM clinical.prescription_addenda WHERE prescription_id = $1',
        ].map(async (text) => (await client.query(text, [prescriptionId])).rowCount),
      );
    const writes = [
      `UPDATE clinical.prescriptions SET status = 'final', finalised_at = now()`,
      `INSERT INTO clinical.prescriptions (visit_id, status, payload_sealed) VALUES ('${visitId}', 'draft', '\\x01')`,
      `INSERT INTO clinical.prescription_addenda (prescription_id, note_sealed) VALUES ('${prescriptionId}', '\\x01')`,
    ];
    for (const [department, count] of [
      ['psychology', 0],
      ['surgery', 1],
    ] as const) {
      await db.admin.query('UPDATE clinical.visits SET department = $2 WHERE id = $1', [visitId, department]);
      expect(await asClinic(db.app, surgeon, seen)).toEqual([count, count]);
      if (count === 0)
        for (const text of writes)
          await expect(asClinic(db.app, surgeon, (client) => client.query(text))).rejects.toMatchObject({
            code: 'RF004',
          });
    }
    const finalised = await asClinic(db.app, surgeon, (client) =>
      client.query(
        `UPDATE clinical.prescriptions SET status = 'final', finalised_at = '1999-01-01' WHERE id = $1 RETURNING finalised_at > '2020-01-01' AS now`,
        [prescriptionId],
      ),
    );
    expect(finalised.rows).toEqual([{ now: true }]);
  });

  it('opens no visit in the future, which would be the patient’s for good', async () => {
    const { patientId } = await plantPatient('DONE');
    for (const at of ['infinity', '2999-01-01', '-infinity'])
      expect(
        await outcome('reception', (client) =>
          client.query(
            `INSERT INTO clinical.visits (patient_id, staff_id, status, started_at) VALUES ($1, $2, 'WAITING', $3)`,
            [patientId, doctorStaffId, at],
          ),
        ),
      ).toMatch(/RF004|23514/);
  });

  it('lets nobody write over a history that they may not read', async () => {
    const { patientId } = await plantPatient('WAITING');
    const written = (role: StaffRole) =>
      outcome(role, (client) =>
        client.query(`UPDATE clinical.patients SET medical_history_sealed = '\\x00' WHERE id = $1`, [
          patientId,
        ]),
      );
    expect([await written('reception'), await written('admin'), await written('doctor')]).toEqual([
      'RF004',
      'RF004',
      'allowed',
    ]);
  });

  it('takes the versions of a configuration one after the other', async () => {
    const put = (version: number) =>
      outcome('admin', (client) =>
        client.query(
          `INSERT INTO clinical.clinic_config (version, config, why, changed_by) VALUES ($1, '{}', 'test', 'test')`,
          [version],
        ),
      );
    expect([await put(2147483647), await put(2), await put(1)]).toEqual(['RF004', 'RF004', 'allowed']);
  });

  it('makes nobody the service, and no support one of the staff, nor staff support', async () => {
    const hire = (userId: string) =>
      outcome('admin', (client) =>
        client.query(`INSERT INTO clinical.staff (user_id, full_name, role) VALUES ($1, 'x', 'doctor')`, [
          userId,
        ]),
      );
    expect(await hire('00000000-0000-0000-0000-000000000000')).toBe('23514');
    expect(await hire(people.super_admin.userId as string)).toBe('RF004');
    expect(await hire(randomUUID())).toBe('allowed');
    await expect(
      db.admin.query(
        `INSERT INTO ringfence.support_grants (tenant_id, user_id, reason, granted_by, expires_at)
         VALUES ($1, $2, 'ticket 4714: the same person', 'ops', now() + interval '1 hour')`,
        [clinic.tenantId, people.doctor.userId],
      ),
    ).rejects.toMatchObject({ code: 'RF004' });
  });

  it('throws nobody out by an end of their assignment that is taken back', async () => {
    const client = await db.app.connect();
    try {
      await client.query('BEGIN');
      await client.query('SELECT ringfence.enter($1)', [tokenFor(client, people.auditor)]);
      const taken = asPerson('admin', async (boss) => {
        await boss.query(`UPDATE clinical.staff SET active = false WHERE user_id = $1`, [
          people.auditor.userId,
        ]);
        throw new Error('taken back');
      });
      await expect(taken).rejects.toThrow('taken back');
      await client.query('SELECT FROM clinical.services');
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  });

  it('lets no person in with a snapshot that is kept, which may be older than the end of their access', async () => {
    const enters = async (subject: ContextSubject) => {
      const client = await db.app.connect();
      try {
        await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
        await client.query('SELECT ringfence.enter($1)', [tokenFor(client, subject)]);
        return 'entered';
      } catch (error) {
        return (error as { code: string }).code;
      } finally {
        await client.query('ROLLBACK');
        client.release();
      }
    };
    expect([await enters(people.doctor), await enters(people.service)]).toEqual(['42501', 'entered']);
  });

  it('asks of visits that the reader may not see as well', async () => {
    const receptionist = await plantStaff(db.admin, clinic, 'reception', ['surgery']);
    const { patientId, visitId } = await plantPatient('DONE');
    await db.admin.query(`UPDATE clinical.visits SET department = 'psychology' WHERE id = $1`, [visitId]);
    const edited = asClinic(db.app, receptionist, (client) =>
      client.query(`UPDATE clinical.patients SET locale = 'ar' WHERE id = $1`, [patientId]),
    );
    await expect(edited).rejects.toMatchObject({ code: 'RF004' });
  });

  it('moves no prescription past the rules of either visit', async () => {
    const open = await plantPatient('WITH_DOCTOR');
    const done = await plantPatient('DONE');
    for (const [from, to] of [
      [open, done],
      [done, open],
    ] as const) {
      const { rows } = await db.admin.query(
        `INSERT INTO clinical.prescriptions (clinic_id, visit_id, status, payload_sealed) VALUES ($1, $2, 'draft', $3) RETURNING id`,
        [clinic.clinicId, from.visitId, SEALED],
      );
      expect(
        await outcome('doctor', (client) =>
          client.query('UPDATE clinical.prescriptions SET visit_id = $2 WHERE id = $1', [
            rows[0].id,
            to.visitId,
          ]),
        ),
      ).toBe('RF004');
    }
  });

  it('changes nothing else of a visit with its status, and never its patient', async () => {
    const { visitId } = await plantPatient('WAITING');
    const { patientId } = await plantPatient('NONE');
    const change = (role: StaffRole, columns: string, ...values: unknown[]) =>
      outcome(role, (client) =>
        client.query(`UPDATE clinical.visits SET ${columns} WHERE id = $1`, [visitId, ...values]),
      );
    expect(await change('reception', `status = 'WITH_ASSISTANT', department = 'surgery'`)).toBe('RF004');
    expect(await change('reception', `status = 'WITH_ASSISTANT', patient_id = $2`, patientId)).toBe('RF004');
    expect(await change('doctor', 'patient_id = $2', patientId)).toBe('RF004');
    expect(await change('service', 'patient_id = $2', patientId)).toBe('allowed');
    expect(await change('reception', `status = 'WITH_ASSISTANT', started_at = now()`)).toBe('allowed');
  });

  it('changes invoices and their lines by who may issue them, of the one patient and of the other', async () => {
    const [waiting, done] = [await plantPatient('WAITING'), await plantPatient('DONE')];
    const invoiceOf = async ({ patientId }: { patientId: string }): Promise<string> =>
      (
        await db.admin.query(
          `INSERT INTO clinical.invoices (clinic_id, patient_id, number, issued_at, total_eur, status)
           VALUES ($1, $2, $3, now(), 1, 'open') RETURNING id`,
          [clinic.clinicId, patientId, randomUUID()],
        )
      ).rows[0].id;
    const [ofWaiting, ofDone] = [await invoiceOf(waiting), await invoiceOf(done)];
    const add = (invoice: string) =>
      outcome('reception', (client) =>
        client.query(
          `INSERT INTO clinical.invoice_lines (invoice_id, description, amount_eur) VALUES ($1, 'x', 1)`,
          [invoice],
        ),
      );
    expect([await add(ofWaiting), await add(ofDone)]).toEqual(['RF004', 'allowed']);
    const { rows } = await db.admin.query(
      `INSERT INTO clinical.invoice_lines (clinic_id, invoice_id, description, amount_eur) VALUES ($1, $2, 'x', 1) RETURNING id`,
      [clinic.clinicId, ofWaiting],
    );
    const moved = outcome('reception', (client) =>
      client.query('UPDATE clinical.invoice_lines SET invoice_id = $2 WHERE id = $1', [rows[0].id, ofDone]),
    );
    expect(await moved).toBe('RF004');
    const given = outcome('reception', (client) =>
      client.query('UPDATE clinical.invoices SET patient_id = $2 WHERE id = $1', [ofWaiting, done.patientId]),
    );
    expect(await given).toBe('RF004');
  });

  it('lets nobody but an owner make an owner', async () => {
    const promote = (role: StaffRole) =>
      outcome(role, (client) =>
        client.query(`UPDATE clinical.staff SET role = 'owner' WHERE user_id = $1`, [people[role].userId]),
      );
    expect(await promote('admin')).toBe('RF004');
    expect(await promote('doctor')).toBe('RF004');
    const heir = await outcome('owner', (client) =>
      client.query(`UPDATE clinical.staff SET role = 'owner' WHERE user_id = $1`, [people.admin.userId]),
    );
    expect(heir).toBe('allowed');
  });

  it('lets nobody who only reads lock a row', async () => {
    const locks = (role: StaffRole, strength: string) =>
      outcome(role, (client) => client.query(`SELECT FROM clinical.services FOR ${strength}`));
    await db.admin.query(
      `INSERT INTO clinical.services (clinic_id, name, duration_minutes) VALUES ($1, 'x', 30)`,
      [clinic.clinicId],
    );
    for (const strength of ['UPDATE', 'NO KEY UPDATE', 'SHARE', 'KEY SHARE']) {
      expect([strength, await locks('auditor', strength), await locks('super_admin', strength)]).toEqual([
        strength,
        'RF004',
        'RF004',
      ]);
      expect([strength, await locks('doctor', strength)]).toEqual([strength, 'allowed']);
    }
  });

  it('shows an auditor no patient and no message', async () => {
    await plantPatient('WAITING');
    for (const table of ['patients', 'messages', 'conversations', 'prescriptions', 'prescription_addenda']) {
      const { rowCount } = await asClinic(db.app, people.auditor, (client) =>
        client.query(`SELECT FROM clinical.${table}`),
      );
      expect(`${table}: ${rowCount}`).toBe(`${table}: 0`);
    }
    const doctors = await asClinic(db.app, people.doctor, (client) =>
      client.query('SELECT FROM clinical.patients'),
    );
    expect(doctors.rowCount).toBeGreaterThan(0);
  });
});

describe('who may enter a clinic', () => {
  const db = useDatabase();
  let clinic: TestClinic;

  beforeAll(async () => {
    clinic = await plantClinic(db.admin, 'entrance');
  });

  const enters = (subject: ContextSubject) => asClinic(db.app, subject, async () => 'entered');

  it('refuses a user without an assignment, and one whose assignment ended', async () => {
    await expect(enters({ ...clinic, userId: randomUUID() })).rejects.toMatchObject({ code: 'RF002' });
    const doctor = await plantStaff(db.admin, clinic, 'doctor');
    expect(await enters(doctor)).toBe('entered');
    await db.admin.query('UPDATE clinical.staff SET active = false WHERE user_id = $1', [doctor.userId]);
    await expect(enters(doctor)).rejects.toMatchObject({ code: 'RF002' });
  });

  it('lets one user into each clinic of an assignment, with its role', async () => {
    const branch = await plantClinic(db.admin, 'branch');
    const member = await plantStaff(db.admin, clinic, 'admin');
    await expect(enters({ ...branch, userId: member.userId })).rejects.toMatchObject({ code: 'RF002' });
    await db.admin.query(
      `INSERT INTO clinical.staff (clinic_id, user_id, full_name, role) VALUES ($1, $2, 'x', 'reception')`,
      [branch.clinicId, member.userId],
    );
    const role = (subject: ContextSubject) =>
      asClinic(db.app, subject, async (client) => {
        const { rows } = await client.query(
          'SELECT ringfence.current_staff_role() AS role, ringfence.current_actor() AS actor',
        );
        return rows[0];
      });
    expect(await role(member)).toEqual({ role: 'admin', actor: member.userId });
    expect(await role({ ...branch, userId: member.userId })).toEqual({
      role: 'reception',
      actor: member.userId,
    });
    expect(await role(clinic)).toEqual({ role: 'service', actor: '00000000-0000-0000-0000-000000000000' });
  });

  it('takes support access for its time only, and tells the clinic', async () => {
    const userId = randomUUID();
    const grant = await db.admin.query(
      `INSERT INTO ringfence.support_grants (tenant_id, user_id, reason, granted_by, expires_at)
       VALUES ($1, $2, 'ticket 4712: wrong hours', 'ops', now() + interval '1 hour') RETURNING id`,
      [clinic.tenantId, userId],
    );
    await expect(enters({ ...clinic, userId })).rejects.toMatchObject({ code: 'RF006' });
    await announceSupport(db.app, { ...clinic, userId });
    await asClinic(db.app, { ...clinic, userId }, async () => null, 'COMMIT');
    const other = await plantClinic(db.admin, 'no-support');
    await expect(enters({ ...other, userId })).rejects.toMatchObject({ code: 'RF002' });
    const seen = await db.admin.query(
      `SELECT actor, detail FROM clinical.audit_events WHERE clinic_id = $1 AND action = 'support'`,
      [clinic.clinicId],
    );
    expect(seen.rows).toEqual([
      {
        actor: `super_admin:${userId}`,
        detail: { grant: grant.rows[0].id, reason: 'ticket 4712: wrong hours' },
      },
    ]);
    await db.admin.query('UPDATE ringfence.support_grants SET expires_at = clock_timestamp() WHERE id = $1', [
      grant.rows[0].id,
    ]);
    await expect(enters({ ...clinic, userId })).rejects.toMatchObject({ code: 'RF002' });
  });

  const write = (subject: ContextSubject) =>
    asClinic(db.app, subject, (client) =>
      client.query(`INSERT INTO clinical.services (name, duration_minutes) VALUES ('x', 30)`),
    ).then(
      () => 'written',
      (error) => (error as { code: string }).code,
    );

  it.each([
    ['ACTIVE', null, null, 'written'],
    ['TRIAL', '1 day', null, 'written'],
    ['TRIAL', '-1 day', null, 'RF003'],
    ['TRIAL', '-15 days', null, 'RF001'],
    ['PAST_DUE', null, '-13 days', 'RF003'],
    ['PAST_DUE', null, '-15 days', 'RF001'],
    ['CANCELED', null, null, 'RF001'],
    ['EXPIRED', null, null, 'RF001'],
    ['SUSPENDED', null, null, 'RF001'],
  ])('a subscription that is %s (trial %s, renewal %s) gives %s', async (status, trial, renews, expected) => {
    const subscriber = await plantClinic(db.admin, `sub-${randomUUID().slice(0, 8)}`);
    await db.admin.query(
      `INSERT INTO clinical.subscriptions (clinic_id, plan, status, trial_ends_at, renews_at)
       VALUES ($1, 'starter', $2, now() + $3::interval, now() + $4::interval)`,
      [subscriber.clinicId, status, trial, renews],
    );
    expect(await write(subscriber)).toBe(expected);
  });

  it('starts with a trial of 14 days', async () => {
    const fresh = await plantClinic(db.admin, 'fresh');
    expect(await write(fresh)).toBe('written');
    const age = (days: number) =>
      db.admin.query(
        `UPDATE ringfence.clinics SET created_at = now() - make_interval(days => $2) WHERE id = $1`,
        [fresh.clinicId, days],
      );
    await age(15);
    expect(await write(fresh)).toBe('RF003');
    await age(29);
    expect(await write(fresh)).toBe('RF001');
  });

  it('lets no application change a subscription', async () => {
    for (const statement of [
      `UPDATE clinical.subscriptions SET status = 'ACTIVE'`,
      'DELETE FROM clinical.subscriptions',
      `INSERT INTO clinical.subscriptions (plan, status) VALUES ('x', 'ACTIVE')`,
    ])
      await expect(asClinic(db.app, clinic, (client) => client.query(statement))).rejects.toMatchObject({
        code: '42501',
      });
  });
});
