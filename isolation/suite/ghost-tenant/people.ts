import { randomUUID } from 'node:crypto';
import { signContextToken } from '../../../data-plane/access/context-token.js';
import { attempt } from '../../attempt.js';
import type { Outcome, SuiteCase } from '../case.js';
import { held, judgeRefusal, leaked, unproven } from '../judge.js';
import { asClinic, backendPid, ENTER, rolledBack, type Stage } from '../stage.js';
import type { RefusedStatement } from '../statement.js';

const NOT_ASSIGNED = 'RF002';
const ASSIGN = `INSERT INTO clinical.staff (clinic_id, user_id, full_name, role) VALUES ($1, $2, 'canary', $3)`;

const showAs = (stage: Stage, subject: Stage['a'], userId: string): Promise<Outcome> =>
  rolledBack(stage.first, async () => {
    const { tenantId, clinicId } = subject;
    const token = signContextToken(
      { tenantId, clinicId, userId },
      { key: stage.target.contextKey, backendPid: backendPid(stage.first), now: stage.target.now() },
    );
    return judgeRefusal(await attempt(stage.first, ENTER, [token]), [NOT_ASSIGNED]);
  });

/** A user who works at the attacker's first clinic. */
const assigned = (stage: Stage): Promise<string> =>
  stage.once('assigned user', async () => {
    const userId = randomUUID();
    await stage.admin.query(ASSIGN, [stage.a.clinicId, userId, 'doctor']);
    return userId;
  });

const person = (
  id: string,
  tried: string,
  expected: string,
  attack: (stage: Stage, userId: string) => Promise<Outcome>,
): SuiteCase => ({
  id: `ghost-tenant/person/${id}`,
  isolation: [37],
  tried,
  expected,
  run: async (stage) => attack(stage, await assigned(stage)),
});

/** People whose assignment ended, or who never had one. */
export const PEOPLE: readonly SuiteCase[] = [
  person(
    'assigned',
    'Entering a clinic as someone who works there',
    'let in: else the refusals below say nothing',
    async (stage, userId) =>
      (await showAs(stage, stage.a, userId)).verdict === 'leaked' ? held('let in') : unproven('not let in'),
  ),
  person(
    'stranger',
    'Entering a clinic as someone who works nowhere, with a sound token',
    'refused',
    (stage) => showAs(stage, stage.a, randomUUID()),
  ),
  person(
    'branch',
    'Entering another branch of the tenant as someone who works at the first',
    'refused: no assignment there',
    (stage, userId) => showAs(stage, stage.branch, userId),
  ),
  person(
    'other-tenant',
    "Entering another tenant's clinic as someone who works at the first",
    'refused',
    (stage, userId) => showAs(stage, stage.b, userId),
  ),
  ...(
    [
      [
        'deactivated',
        'was deactivated',
        `UPDATE clinical.staff SET active = false WHERE clinic_id = $1 AND user_id = $2`,
      ],
      ['removed', 'was removed', `DELETE FROM clinical.staff WHERE clinic_id = $1 AND user_id = $2`],
    ] as const
  ).map(([id, how, end]) =>
    person(
      id,
      `Entering a clinic as someone whose assignment ${how} a moment ago`,
      'refused at once',
      async (stage) => {
        const userId = randomUUID();
        await stage.admin.query(ASSIGN, [stage.a.clinicId, userId, 'reception']);
        if ((await showAs(stage, stage.a, userId)).verdict !== 'leaked')
          return unproven('not let in before either');
        await stage.admin.query(end, [stage.a.clinicId, userId]);
        return showAs(stage, stage.a, userId);
      },
    ),
  ),
  person('promotion', 'Giving itself another role, as a doctor', 'refused', (stage, userId) =>
    rolledBack(stage.first, async () => {
      const { tenantId, clinicId } = stage.a;
      const token = signContextToken(
        { tenantId, clinicId, userId },
        { key: stage.target.contextKey, backendPid: backendPid(stage.first), now: stage.target.now() },
      );
      await stage.first.query(ENTER, [token]);
      const promoted = await attempt(
        stage.first,
        `UPDATE clinical.staff SET role = 'owner' WHERE user_id = $1 RETURNING 1`,
        [userId],
      );
      return judgeRefusal(promoted, ['RF004']);
    }),
  ),
];

/** Figures across clinics: an application reads the published figures only. */
export const FIGURES: readonly RefusedStatement[] = [
  {
    id: 'figures/write',
    isolation: [36],
    tried: 'Writing a published figure, to make a difference that shows one clinic',
    sql: `INSERT INTO analytics.benchmarks DEFAULT VALUES`,
  },
  {
    id: 'figures/withdraw',
    isolation: [36],
    tried: 'Taking a published month back, to have it published again without one clinic',
    sql: `DELETE FROM analytics.benchmarks WHERE false`,
  },
  {
    id: 'figures/assignments',
    isolation: [36, 37],
    tried: 'Reading who works at which clinics of the cell',
    sql: 'SELECT * FROM ringfence_private.assignments LIMIT 0',
  },
];

/** Not even the owner of the tables changes a published figure. */
export const PUBLISHED: readonly SuiteCase[] = [
  {
    id: 'ghost-tenant/figures/others-rows',
    isolation: [36, 37],
    tried: "Reading another clinic's own daily figures, from which group figures are made",
    expected: 'no row',
    run: async (stage) => {
      const rows = await asClinic(stage, stage.a, (client) =>
        attempt(client, 'SELECT FROM clinical.daily_figures WHERE clinic_id = ANY ($1::uuid[])', [
          [stage.b.clinicId, stage.branch.clinicId],
        ]),
      );
      if (rows.sqlstate !== undefined) return judgeRefusal(rows);
      return rows.rows.length === 0 ? held('no row') : leaked('figures of other clinics came back');
    },
  },
];
