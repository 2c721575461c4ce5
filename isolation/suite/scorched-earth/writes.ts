import { attempt, attemptLast } from '../../attempt.js';
import type { SuiteCase } from '../case.js';
import { held, judgeRefusal, leaked, unproven } from '../judge.js';
import { asClinic, rolledBack, type Stage, tokenFor } from '../stage.js';

/** Statements that enter the clinic while they write, after the check for a context. */
const LATE: ReadonlyArray<readonly [id: string, sql: (clinicId: string) => string]> = [
  [
    'insert',
    (id) => `INSERT INTO clinical.services (clinic_id, name, duration_minutes)
      SELECT z.c, 'canary', 1 FROM (SELECT ringfence.enter($1), '${id}'::uuid AS c OFFSET 0) z`,
  ],
  [
    'update',
    (
      id,
    ) => `UPDATE clinical.services SET name = 'canary' FROM (SELECT ringfence.enter($1), '${id}'::uuid AS c OFFSET 0) z
      WHERE clinic_id = z.c`,
  ],
  [
    'delete',
    (id) =>
      `DELETE FROM clinical.services USING (SELECT ringfence.enter($1), '${id}'::uuid AS c OFFSET 0) z WHERE clinic_id = z.c`,
  ],
  [
    'cte',
    (id) => `WITH z AS MATERIALIZED (SELECT ringfence.enter($1), '${id}'::uuid AS c)
      INSERT INTO clinical.clinic_config (clinic_id, version, config, why, changed_by) SELECT c, 99, '{}', 'canary', 'canary' FROM z`,
  ],
];

export const LATE_ENTRIES: readonly SuiteCase[] = LATE.map(([id, sql]) => ({
  id: `scorched-earth/late-entry/${id}`,
  isolation: [41],
  tried: `Entering the clinic inside of the statement that writes (${id}), after the check of what the role may do`,
  expected: 'refused: a missing context is nobody',
  run: (stage) =>
    rolledBack(stage.first, async () =>
      judgeRefusal(
        await attemptLast(stage.first, sql(stage.a.clinicId), [tokenFor(stage, stage.first, stage.a)]),
      ),
    ),
}));

/** The bytes that an attempt books for the attacker's tenant, in a transaction that is rolled back. */
const booked = (stage: Stage, sql: string): Promise<number> =>
  rolledBack(stage.admin, async () => {
    const bytes = async (): Promise<number> => {
      const { rows } = await stage.admin.query<{ bytes: number }>(
        'SELECT storage_bytes::int AS bytes FROM ringfence_private.ledgers WHERE tenant_id = $1',
        [stage.a.tenantId],
      );
      return rows[0]?.bytes ?? 0;
    };
    const before = await bytes();
    await stage.admin.query('SET LOCAL SESSION AUTHORIZATION ringfence_app');
    await stage.admin.query('SELECT ringfence.enter($1)', [tokenFor(stage, stage.admin, stage.a)]);
    await stage.admin.query(sql);
    await stage.admin.query('SET CONSTRAINTS ALL IMMEDIATE');
    await stage.admin.query('RESET SESSION AUTHORIZATION');
    return (await bytes()) - before;
  });

export const BOOKS: readonly SuiteCase[] = [
  {
    id: 'scorched-earth/books/events',
    isolation: [42],
    tried: "Filling the disk with the application's own audit events",
    expected: 'each is booked on the tenant',
    run: async (stage) => {
      const bytes = await booked(
        stage,
        `SELECT ringfence.audit('print', 'x', to_jsonb(repeat('x', 1000))) FROM generate_series(1, 5)`,
      );
      return bytes >= 5_000 ? held('booked') : leaked(`${bytes} bytes were booked`);
    },
  },
  {
    id: 'scorched-earth/books/compressed',
    isolation: [42],
    tried: 'Adding and deleting a row that compresses well, which must take away what it added',
    expected: 'what is left is the size of the two events',
    run: async (stage) => {
      const bytes = await booked(
        stage,
        `WITH added AS (SELECT gen_random_uuid() AS id)
         INSERT INTO clinical.services (clinic_id, id, name, duration_minutes) SELECT '${stage.a.clinicId}', id, repeat('x', 1000000), 1 FROM added;
         DELETE FROM clinical.services WHERE length(name) = 1000000`,
      ).catch(() => undefined);
      if (bytes === undefined) return unproven('the row could not be added');
      return bytes > 0 && bytes < 5_000 ? held('taken away') : leaked(`${bytes} bytes stay booked`);
    },
  },
  {
    id: 'scorched-earth/books/lease',
    isolation: [42],
    tried: "Booking a day of compute time on the tenant's other clinics, as one of a clinic's people",
    expected: 'refused: only the service leases',
    run: (stage) =>
      asClinic(stage, null, async (client) => {
        const userId = await stage.once('reception of the attacker', async () => {
          const { rows } = await stage.admin.query<{ id: string }>(
            `INSERT INTO clinical.staff (clinic_id, user_id, full_name, role)
             VALUES ($1, gen_random_uuid(), 'canary', 'reception') RETURNING user_id AS id`,
            [stage.a.clinicId],
          );
          return rows[0]?.id ?? '';
        });
        await client.query('SELECT ringfence.enter($1)', [tokenFor(stage, client, { ...stage.a, userId })]);
        return judgeRefusal(await attempt(client, `SELECT ringfence.lease(1, 86400000, '{}')`), ['RF004']);
      }),
  },
];
