import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { signContextToken } from '../../../data-plane/access/context-token.js';
import { inTransaction } from '../../../data-plane/database/connect.js';
import { attempt } from '../../attempt.js';
import type { Outcome, SuiteCase } from '../case.js';
import { held, leaked, unproven } from '../judge.js';
import { asClinic, backendPid, ENTER, rolledBack, type Stage } from '../stage.js';

const ROLES = ['reception', 'doctor', 'admin', 'auditor'] as const;
type Role = (typeof ROLES)[number];

/** SQLSTATEs of our own refusals (migrations 0003 and 0004). */
const NOT_ASSIGNED = 'RF002';
const READ_ONLY = 'RF003';
const NOT_PERMITTED = 'RF004';

/** People of the attacker's clinic, a patient after a visit, and a final prescription. */
const plantPeople = (stage: Stage) =>
  stage.once('people of the attacker', () =>
    inTransaction(stage.admin, async (admin) => {
      await admin.query('SET LOCAL session_replication_role = replica');
      const users = {} as Record<Role, string>;
      for (const role of ROLES) {
        users[role] = randomUUID();
        await admin.query(
          `INSERT INTO clinical.staff (clinic_id, user_id, full_name, role) VALUES ($1, $2, $3, $4)`,
          [stage.branch.clinicId, users[role], stage.branch.marker, role],
        );
      }
      const { rows } = await admin.query<{ patient: string; prescription: string }>(
        `WITH patient AS (SELECT id FROM clinical.patients WHERE clinic_id = $1 LIMIT 1),
              visit AS (INSERT INTO clinical.visits (clinic_id, patient_id, staff_id, status, finished_at)
                        SELECT $1, patient.id, s.id, 'DONE', now() FROM patient,
                               (SELECT id FROM clinical.staff WHERE clinic_id = $1 LIMIT 1) s RETURNING id, patient_id)
         INSERT INTO clinical.prescriptions (clinic_id, visit_id, status, payload_sealed, finalised_at)
         SELECT $1, id, 'final', '\\x01', now() FROM visit RETURNING id AS prescription, (SELECT patient_id FROM visit) AS patient`,
        [stage.branch.clinicId],
      );
      // The canary visit of this patient would be an open one.
      await admin.query(`UPDATE clinical.visits SET status = 'DONE' WHERE clinic_id = $1`, [
        stage.branch.clinicId,
      ]);
      return { users, ...(rows[0] as { patient: string; prescription: string }) };
    }),
  );

type People = Awaited<ReturnType<typeof plantPeople>>;

const asUser = <T>(stage: Stage, userId: string, work: (client: pg.Client) => Promise<T>): Promise<T> =>
  rolledBack(stage.first, async () => {
    const { contextKey, now } = stage.target;
    const token = signContextToken(
      { tenantId: stage.branch.tenantId, clinicId: stage.branch.clinicId, userId },
      { key: contextKey, backendPid: backendPid(stage.first), now: now() },
    );
    await stage.first.query(ENTER, [token]);
    return work(stage.first);
  });

const person = (
  id: string,
  tried: string,
  expected: string,
  run: (stage: Stage, people: People) => Promise<Outcome>,
): SuiteCase => ({
  id: `forged-badge/people/${id}`,
  isolation: [20, 37],
  tried,
  expected,
  run: async (stage) => run(stage, await plantPeople(stage)),
});

/** A forbidden action of a role within its own clinic. */
const forbidden = (
  id: string,
  role: Role,
  tried: string,
  sql: string,
  values: (people: People) => readonly unknown[] = () => [],
): SuiteCase =>
  person(id, tried, 'refused by the database', (stage, people) =>
    asUser(stage, people.users[role], async (client) => {
      const { sqlstate } = await attempt(client, sql, values(people));
      if (sqlstate === NOT_PERMITTED || sqlstate === '42501') return held(`refused (SQLSTATE ${sqlstate})`);
      return sqlstate === undefined
        ? leaked('it was let through')
        : unproven(`ended with SQLSTATE ${sqlstate}`);
    }),
  );

const entering = async (stage: Stage, userId: string): Promise<Outcome> => {
  try {
    return await asUser(stage, userId, async () => leaked('the clinic was entered'));
  } catch (error) {
    const { code } = error as { code?: string };
    return code === NOT_ASSIGNED
      ? held(`refused (SQLSTATE ${code})`)
      : unproven(`ended with SQLSTATE ${code}`);
  }
};

const withSubscription = async (
  stage: Stage,
  subscription: { status: string; endedDaysAgo: number },
  work: () => Promise<Outcome>,
): Promise<Outcome> => {
  const write = (text: string, values: readonly unknown[] = []) =>
    stage.admin.query(text, [stage.branch.clinicId, ...values]);
  await write('DELETE FROM clinical.subscriptions WHERE clinic_id = $1');
  await write(
    `INSERT INTO clinical.subscriptions (clinic_id, plan, status, trial_ends_at, renews_at)
     VALUES ($1, 'canary', $2, now() - make_interval(days => $3), now() - make_interval(days => $3))`,
    [subscription.status, subscription.endedDaysAgo],
  );
  try {
    return await work();
  } finally {
    await write(`UPDATE clinical.subscriptions SET status = 'ACTIVE' WHERE clinic_id = $1`);
  }
};

const TOUCH = 'UPDATE clinical.services SET name = name';

/** Cases on the rules for people of the own clinic: assignment, role, status of the visit, subscription, audit log. */
export const PEOPLE: readonly SuiteCase[] = [
  person(
    'stranger',
    'Entering with a sound token of a user who does not work in this clinic',
    'refused',
    (stage) => entering(stage, randomUUID()),
  ),
  person(
    'assignment-ended',
    'Entering as a user whose assignment to the clinic has ended, with a token made before',
    'refused at once',
    async (stage, { users }) => {
      const set = (active: boolean) =>
        stage.admin.query('UPDATE clinical.staff SET active = $2 WHERE user_id = $1', [users.doctor, active]);
      await set(false);
      try {
        return await entering(stage, users.doctor);
      } finally {
        await set(true);
      }
    },
  ),
  person(
    'assigned-elsewhere',
    "Entering the victim's clinic as a user who works in the attacker's",
    'refused',
    (stage, { users }) =>
      rolledBack(stage.first, async () => {
        const { contextKey, now } = stage.target;
        const token = signContextToken(
          { tenantId: stage.b.tenantId, clinicId: stage.b.clinicId, userId: users.admin },
          { key: contextKey, backendPid: backendPid(stage.first), now: now() },
        );
        const { sqlstate } = await attempt(stage.first, ENTER, [token]);
        if (sqlstate === NOT_ASSIGNED) return held(`refused (SQLSTATE ${sqlstate})`);
        return sqlstate === undefined ? leaked('it was let in') : unproven(`ended with SQLSTATE ${sqlstate}`);
      }),
  ),
  forbidden(
    'reception-after-visit',
    'reception',
    'Editing a patient after the visit, as reception',
    `UPDATE clinical.patients SET locale = 'xx' WHERE id = $1`,
    ({ patient }) => [patient],
  ),
  forbidden(
    'reception-services',
    'reception',
    'Changing the prices of services, as reception',
    'UPDATE clinical.services SET price_max_eur = 1000',
  ),
  forbidden(
    'doctor-promotes',
    'doctor',
    'Making oneself an owner of the clinic, as a doctor',
    `UPDATE clinical.staff SET role = 'owner' WHERE role = 'doctor'`,
  ),
  forbidden(
    'admin-promotes',
    'admin',
    'Making oneself an owner of the clinic, as an administrator of it',
    `UPDATE clinical.staff SET role = 'owner' WHERE role = 'admin'`,
  ),
  forbidden(
    'final-prescription',
    'doctor',
    'Editing a prescription that is final, as the doctor',
    `UPDATE clinical.prescriptions SET payload_sealed = '\\x02' WHERE id = $1`,
    ({ prescription }) => [prescription],
  ),
  forbidden(
    'draft-after-visit',
    'doctor',
    'Writing a prescription for a visit that is over, as the doctor',
    `INSERT INTO clinical.prescriptions (visit_id, status, payload_sealed)
     SELECT visit_id, 'draft', '\\x02' FROM clinical.prescriptions WHERE id = $1`,
    ({ prescription }) => [prescription],
  ),
  forbidden('auditor-writes', 'auditor', 'Writing anything, as an auditor', TOUCH),
  forbidden(
    'auditor-locks',
    'auditor',
    "Locking rows, which holds up everybody's writes, as an auditor",
    'SELECT FROM clinical.services FOR UPDATE',
  ),
  person('auditor-reads-patients', 'Reading patients, as an auditor', 'no row', (stage, { users }) =>
    asUser(stage, users.auditor, async (client) => {
      const { rowCount } = await client.query('SELECT FROM clinical.patients');
      return rowCount === 0 ? held('no row') : leaked(`${rowCount} rows`);
    }),
  ),
  person('reception-reads-audit', 'Reading the audit log, as reception', 'no row', (stage, { users }) =>
    asUser(stage, users.reception, async (client) => {
      const { rowCount } = await client.query('SELECT FROM clinical.audit_events');
      return rowCount === 0 ? held('no row') : leaked(`${rowCount} rows`);
    }),
  ),
  person(
    'past-due-writes',
    'Writing while the subscription is past due, within the days in which reading goes on',
    'refused; reading goes on',
    (stage) =>
      withSubscription(stage, { status: 'PAST_DUE', endedDaysAgo: 3 }, () =>
        asClinic(stage, stage.branch, async (client) => {
          const { sqlstate } = await attempt(client, TOUCH);
          const { rowCount } = await client.query('SELECT FROM clinical.services');
          if (sqlstate === undefined) return leaked('it was let through');
          if (sqlstate !== READ_ONLY) return unproven(`ended with SQLSTATE ${sqlstate}`);
          return rowCount ? held('refused; rows are read') : unproven('nothing is read either');
        }),
      ),
  ),
  person(
    'expired-reads',
    'Reading after the subscription has expired',
    'the clinic is not entered',
    (stage) =>
      withSubscription(stage, { status: 'EXPIRED', endedDaysAgo: 1 }, async () => {
        try {
          return await asClinic(stage, stage.branch, async () => leaked('the clinic was entered'));
        } catch (error) {
          const { code } = error as { code?: string };
          return code === 'RF001'
            ? held(`refused (SQLSTATE ${code})`)
            : unproven(`ended with SQLSTATE ${code}`);
        }
      }),
  ),
  person(
    'own-subscription',
    'Prolonging the own subscription by SQL',
    'refused by the database',
    (stage, { users }) =>
      asUser(stage, users.admin, async (client) => {
        const { sqlstate } = await attempt(client, `UPDATE clinical.subscriptions SET status = 'ACTIVE'`);
        return sqlstate === '42501'
          ? held('refused (SQLSTATE 42501)')
          : leaked(`SQLSTATE ${sqlstate ?? 'none'}`);
      }),
  ),
  person(
    'silent-write',
    'Changing a row without the audit log noticing',
    'an event in the same transaction',
    (stage) =>
      asClinic(stage, stage.branch, async (client) => {
        const events = async () => (await client.query('SELECT FROM clinical.audit_events')).rowCount ?? 0;
        const before = await events();
        await client.query(TOUCH);
        const after = await events();
        return after > before ? held(`${after - before} event`) : leaked('no event');
      }),
  ),
  person(
    'unchained-write',
    'Changing a row whose event is not in the hash chain',
    'every event of the clinic is in the chain',
    async (stage) => {
      await inTransaction(stage.first, async (client) => {
        const { contextKey, now } = stage.target;
        const subject = { tenantId: stage.branch.tenantId, clinicId: stage.branch.clinicId };
        const token = signContextToken(subject, {
          key: contextKey,
          backendPid: backendPid(client),
          now: now(),
        });
        await client.query(ENTER, [token]);
        await client.query(TOUCH);
      });
      const { rows } = await stage.admin.query<{ written: number; chained: number }>(
        `SELECT count(*)::int AS written, count(k.seq)::int AS chained FROM clinical.audit_events e
           LEFT JOIN ringfence.audit_chain k ON k.clinic_id = e.clinic_id AND k.event_id = e.id
          WHERE e.clinic_id = $1 AND e.action = 'update' AND e.subject = 'clinical.services'`,
        [stage.branch.clinicId],
      );
      const { written = 0, chained = 0 } = rows[0] ?? {};
      if (written === 0) return leaked('no event');
      return written === chained ? held(`${chained} chained`) : leaked(`${written - chained} not chained`);
    },
  ),
  forbidden(
    'promote-itself',
    'admin',
    'Making oneself a doctor, who reads medical histories',
    `UPDATE clinical.staff SET role = 'doctor' WHERE user_id = ringfence.current_actor()`,
  ),
  forbidden(
    'take-a-place',
    'admin',
    "Taking a doctor's place by giving that row one's own user",
    `UPDATE clinical.staff SET user_id = CASE role WHEN 'doctor' THEN ringfence.current_actor() END WHERE role IN ('admin', 'doctor')`,
  ),
  forbidden(
    'leave-departments',
    'admin',
    'Leaving the departments that one is kept to',
    `UPDATE clinical.staff SET departments = '{surgery}' WHERE user_id = ringfence.current_actor()`,
  ),
  person(
    'auditor-names',
    'Reading who did what as an auditor, past the view that names nobody',
    'no row',
    (stage, { users }) =>
      asUser(stage, users.auditor, async (client) => {
        const attempted = await attempt(client, 'SELECT actor, subject FROM clinical.audit_events');
        if (attempted.sqlstate !== undefined) return held(`refused (SQLSTATE ${attempted.sqlstate})`);
        return attempted.rows.length === 0 ? held('no row') : leaked(`${attempted.rows.length} events`);
      }),
  ),
  person(
    'support-unannounced',
    'Entering with support access that the clinic was not told of in a transaction that cannot be taken back',
    'refused until it is announced and committed',
    async (stage) => {
      const userId = randomUUID();
      const { admin, branch } = stage;
      await admin.query(
        `INSERT INTO ringfence.support_grants (tenant_id, user_id, reason, granted_by, expires_at)
         VALUES ($1, $2, 'canary of the suite', 'canary', now() + interval '1 minute')`,
        [branch.tenantId, userId],
      );
      const enter = () =>
        asUser(stage, userId, async () => 'entered').catch((error: { code?: string }) => error.code);
      const before = await enter();
      const token = signContextToken(
        { tenantId: branch.tenantId, clinicId: branch.clinicId, userId },
        { key: stage.target.contextKey, backendPid: backendPid(stage.first), now: stage.target.now() },
      );
      await rolledBack(stage.first, () =>
        stage.first.query('SELECT ringfence.announce_support($1)', [token]),
      );
      const takenBack = await enter();
      if (before === 'entered' || takenBack === 'entered') return leaked('it was let in');
      await stage.first.query('SELECT ringfence.announce_support($1)', [token]);
      const announced = await enter();
      return before === 'RF006' && takenBack === 'RF006' && announced === 'entered'
        ? held('refused (SQLSTATE RF006)')
        : unproven(`ended with ${before}, ${takenBack}, ${announced}`);
    },
  ),
];
