import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { withConnection } from '../../../data-plane/database/connect.js';
import { grantTenantRights } from '../../../data-plane/enrolment/tenant-rights.js';
import { attempt } from '../../attempt.js';
import type { Outcome, SuiteCase } from '../case.js';
import { held, judgeRefusal, leaked, unproven } from '../judge.js';
import { canaryLoginPrefix } from '../remove.js';
import { ENTER, rolledBack, type Stage, tokenFor } from '../stage.js';

/** A tenant's own login, as an enrolment makes it, with a password of this run. */
const loginOfAttacker = (stage: Stage) =>
  stage.once('login of the attacker', async () => {
    const { admin, target, a } = stage;
    const user = `${await canaryLoginPrefix(admin)}${randomBytes(6).toString('hex')}`;
    const password = randomBytes(24).toString('base64url');
    const role = admin.escapeIdentifier(user);
    await admin.query(
      `CREATE ROLE ${role} LOGIN CONNECTION LIMIT 5 PASSWORD ${admin.escapeLiteral(password)}`,
    );
    await grantTenantRights(admin, user);
    await admin.query('UPDATE ringfence.tenants SET login_role = $2 WHERE id = $1', [a.tenantId, user]);
    return { ...target.app, user, password };
  });

const loginCase = (
  id: string,
  isolation: readonly number[],
  tried: string,
  expected: string,
  attack: (stage: Stage, client: pg.Client) => Promise<Outcome>,
): SuiteCase => ({
  id: `forged-badge/tenant-login/${id}`,
  isolation,
  tried,
  expected,
  run: async (stage) => {
    const login = await loginOfAttacker(stage);
    return withConnection(login, (client) => rolledBack(client, () => attack(stage, client)));
  },
});

/** Cases on a tenant's own database login. */
export const TENANT_LOGIN: readonly SuiteCase[] = [
  loginCase(
    'own',
    [12],
    "Entering the own clinic with the tenant's own login",
    'the own clinic and no other',
    async (stage, client) => {
      await client.query(ENTER, [tokenFor(stage, client, stage.a)]);
      const { rows } = await client.query<{ id: string }>('SELECT id::text FROM ringfence.clinics');
      if (rows.some(({ id }) => id !== stage.a.clinicId)) return leaked('other clinics are visible');
      return rows.length === 1
        ? held('the own clinic and no other')
        : unproven('not even the own clinic is visible');
    },
  ),
  loginCase(
    'sound-token-of-other',
    [12],
    "Entering another tenant's clinic with that tenant's sound token",
    'refused: the login belongs to one tenant',
    async (stage, client) => judgeRefusal(await attempt(client, ENTER, [tokenFor(stage, client, stage.b)])),
  ),
  loginCase('without-token', [1, 11], 'Reading without entering', 'no row', async (_, client) => {
    const { rowCount } = await client.query('SELECT FROM ringfence.clinics');
    return rowCount === 0 ? held('no row') : leaked('clinics are visible');
  }),
  loginCase(
    'become-group',
    [13],
    'Becoming the role that all tenants inherit',
    'refused from Postgres 16 on; before, a role with the same rights',
    async (stage, client) => {
      const became = await attempt(client, 'SET LOCAL ROLE ringfence_tenant');
      if (became.sqlstate !== undefined) return judgeRefusal(became);
      await client.query('SET LOCAL ROLE ringfence_tenant');
      return judgeRefusal(await attempt(client, ENTER, [tokenFor(stage, client, stage.b)]));
    },
  ),
  loginCase(
    'become-application',
    [13],
    "Becoming the application's login, which may enter every clinic",
    'refused',
    async (_, client) => judgeRefusal(await attempt(client, 'SET LOCAL ROLE ringfence_app')),
  ),
  loginCase(
    'become-application-session',
    [13],
    'Becoming it by SET SESSION AUTHORIZATION',
    'refused',
    async (_, client) => judgeRefusal(await attempt(client, 'SET LOCAL SESSION AUTHORIZATION ringfence_app')),
  ),
  loginCase('context', [12], 'Writing another clinic into the context', 'refused', async (stage, client) =>
    judgeRefusal(
      await attempt(client, `SET LOCAL backtrace_functions = '${stage.b.clinicId.replaceAll('-', '')}'`),
    ),
  ),
  loginCase('temp', [11, 14], 'Making a temporary table', 'refused', async (_, client) =>
    judgeRefusal(await attempt(client, 'CREATE TEMP TABLE canary_t (x int)')),
  ),
  loginCase(
    'forged-event',
    [38],
    "Writing a refused attempt of somebody else into the own clinic's audit log",
    'refused',
    async (stage, client) =>
      judgeRefusal(
        await attempt(client, `SELECT ringfence.record_refusal($1, 'clinic_other')`, [
          tokenFor(stage, client, stage.a),
        ]),
      ),
  ),
  loginCase(
    'drop-owned',
    [38],
    'Taking the group of tenant logins out of every policy and grant',
    'refused',
    async (_, client) => judgeRefusal(await attempt(client, 'DROP OWNED BY ringfence_tenant')),
  ),
];
