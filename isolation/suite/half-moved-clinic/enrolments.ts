import { randomBytes } from 'node:crypto';
import { RingfenceError } from '../../../core/errors.js';
import { withConnection } from '../../../data-plane/database/connect.js';
import { readPlaces } from '../../../data-plane/database/places.js';
import { enrol } from '../../../data-plane/enrolment/enrol.js';
import type { EnrolledClinic, Enrolment } from '../../../data-plane/enrolment/enrolment.js';
import { readEnrolment } from '../../../data-plane/enrolment/read-enrolment.js';
import { dropTenantLogin, loginRoleOf, putTenantLogin } from '../../../data-plane/enrolment/tenant-login.js';
import { withdraw } from '../../../data-plane/enrolment/withdraw.js';
import { CANARY_SLUG_PREFIX, canaryId } from '../canary-ids.js';
import type { Outcome, SuiteCase } from '../case.js';
import { held, leaked, unproven } from '../judge.js';
import { type CanaryClinic, plantRows } from '../plant.js';
import { backendPid, enter, type Stage } from '../stage.js';
import { killAtEveryStatement } from './kill.js';

const PASSWORD = 'canary password of a login';

/** An enrolment of a throw-away tenant that is not there yet. */
const newTenant = (clinics = 2): Enrolment => ({
  tenantId: canaryId(),
  slug: `${CANARY_SLUG_PREFIX}enrolled-${randomBytes(6).toString('hex')}`,
  clinics: Array.from({ length: clinics }, (_, at) => clinic(`clinic-${at}`)),
});

const clinic = (slug: string): EnrolledClinic => ({
  id: canaryId(),
  slug,
  name: slug,
  vertical: 'canary',
  timeZone: 'UTC',
});

const run = (stage: Stage, tenant: Enrolment): Promise<void> =>
  withConnection(stage.target.admin, (client) => enrol(client, tenant));

/** A connection that broke, or a time-out, is no refusal. */
const isRefusal = (error: unknown): boolean =>
  error instanceof RingfenceError && ['conflict', 'database_refused'].includes(error.code);

/** Says what is wrong with a tenant's state in the cell; undefined when it is exactly as wanted. */
const wrongWith = async (stage: Stage, wanted: Enrolment): Promise<string | undefined> => {
  const found = await readEnrolment(stage.admin, wanted.tenantId);
  if (!found) return 'the tenant is not there';
  const ids = (list: readonly EnrolledClinic[]): string =>
    list
      .map(({ id }) => id)
      .sort()
      .join();
  if (ids(found.clinics) !== ids(wanted.clinics)) return 'its clinics are not the wanted ones';
  const { rows } = await stage.admin.query<{ tenants: number; doors: number }>(
    `SELECT (SELECT count(*)::int FROM ringfence.tenants WHERE id = $1 OR slug = $2) AS tenants,
            (SELECT count(DISTINCT clinic_id)::int FROM ringfence_private.doors WHERE tenant_id = $1 AND open) AS doors`,
    [wanted.tenantId, wanted.slug],
  );
  if (rows[0]?.tenants !== 1) return 'it is there more than once';
  return rows[0].doors === wanted.clinics.length ? undefined : 'its doors are not those of its clinics';
};

const converged = async (stage: Stage, wanted: Enrolment, how: string): Promise<Outcome> => {
  const wrong = await wrongWith(stage, wanted);
  return wrong === undefined ? held(how) : leaked(wrong);
};

/** Rows that name the tenant or its clinics, anywhere. */
const traces = async (stage: Stage, tenant: Enrolment): Promise<number> => {
  const ids = [tenant.tenantId, ...tenant.clinics.map(({ id }) => id)];
  const counts = (await readPlaces(stage.admin)).map(
    ({ table, column }) => `SELECT count(*) AS rows FROM ${table} WHERE ${column} = ANY ($1::uuid[])`,
  );
  const { rows } = await stage.admin.query<{ rows: number }>(
    `SELECT sum(rows)::int AS rows FROM (${counts.join(' UNION ALL ')}) AS place`,
    [ids],
  );
  return rows[0]?.rows ?? 0;
};

const asCanaries = (tenant: Enrolment): CanaryClinic[] =>
  tenant.clinics.map(({ id }) => ({
    tenantId: tenant.tenantId,
    clinicId: id,
    marker: `canary${id.slice(-12)}`,
  }));

const enrolmentCase = (
  id: string,
  isolation: readonly number[],
  tried: string,
  expected: string,
  attack: (stage: Stage) => Promise<Outcome>,
): SuiteCase => ({ id: `half-moved-clinic/${id}`, isolation, tried, expected, run: attack });

/** Enrolments and withdrawals that are killed, repeated, or run twice at once. */
export const ENROLMENTS: readonly SuiteCase[] = [
  enrolmentCase(
    'enrol/again',
    [32],
    'Enrolling the same tenant twice',
    'it is there once, as wanted',
    async (stage) => {
      const tenant = newTenant();
      await run(stage, tenant);
      await run(stage, tenant);
      return converged(stage, tenant, 'once, as wanted');
    },
  ),
  enrolmentCase(
    'enrol/killed',
    [32],
    'Killing an enrolment before each of its statements',
    'nothing is left each time, and the next run finishes',
    async (stage) => {
      const tenant = newTenant();
      let left = 0;
      const kills = await killAtEveryStatement(
        stage,
        (client) => enrol(client, tenant),
        async () => {
          left += await traces(stage, tenant);
        },
      );
      if (left > 0) return leaked(`${left} rows were left by killed runs`);
      return converged(stage, tenant, `killed ${kills} times, nothing left, then whole`);
    },
  ),
  enrolmentCase(
    'enrol/changed-killed',
    [32],
    "Killing a change of a tenant's clinics before each of its statements",
    'the old clinics or the new ones each time, never a mixture',
    async (stage) => {
      const before = newTenant();
      await run(stage, before);
      const after = { ...before, clinics: [...before.clinics.slice(1), clinic('clinic-new')] };
      let mixed = 0;
      const kills = await killAtEveryStatement(
        stage,
        (client) => enrol(client, after),
        async () => {
          if ((await wrongWith(stage, before)) && (await wrongWith(stage, after))) mixed += 1;
        },
      );
      if (mixed > 0) return leaked(`${mixed} killed runs left a mixture`);
      return converged(stage, after, `killed ${kills} times, always whole`);
    },
  ),
  enrolmentCase(
    'withdraw/killed',
    [32],
    'Killing a withdrawal before each of its statements',
    'every row is there each time, and the next run removes them all',
    async (stage) => {
      const tenant = newTenant();
      await run(stage, tenant);
      for (const each of asCanaries(tenant)) await plantRows(stage.admin, stage.tables, each);
      const whole = await traces(stage, tenant);
      let torn = 0;
      const kills = await killAtEveryStatement(
        stage,
        (client) => withdraw(client, tenant.tenantId),
        async () => {
          if ((await traces(stage, tenant)) !== whole) torn += 1;
        },
      );
      if (torn > 0) return leaked(`${torn} killed runs left a part`);
      const left = await traces(stage, tenant);
      return left === 0
        ? held(`killed ${kills} times, always whole, then gone`)
        : leaked(`${left} rows are left`);
    },
  ),
  enrolmentCase(
    'withdraw/again',
    [32],
    'Withdrawing a tenant that is gone already',
    'nothing happens',
    async (stage) => {
      const tenant = newTenant();
      await run(stage, tenant);
      for (let round = 0; round < 2; round++)
        await withConnection(stage.target.admin, (client) => withdraw(client, tenant.tenantId));
      const left = await traces(stage, tenant);
      return left === 0 ? held('gone') : leaked(`${left} rows are left`);
    },
  ),
  enrolmentCase(
    'enrol/at-once',
    [33],
    'Enrolling the same tenant by five runs at once',
    'it is there once, as wanted',
    async (stage) => {
      const tenant = newTenant();
      const runs = await Promise.allSettled(Array.from({ length: 5 }, () => run(stage, tenant)));
      const finished = runs.filter(({ status }) => status === 'fulfilled').length;
      return finished === 0
        ? unproven('no run came to its end')
        : converged(stage, tenant, `${finished} of 5 finished, once, as wanted`);
    },
  ),
  enrolmentCase(
    'enrol/same-clinic',
    [33],
    'Two tenants claiming the same new clinic at once',
    'one gets it, the other is refused and changes nothing of it',
    async (stage) => {
      const first = newTenant(1);
      const [shared] = first.clinics;
      if (!shared) return unproven('no clinic');
      const second = { ...newTenant(0), clinics: [{ ...shared, name: 'taken over' }] };
      return claimAtOnce(stage, first, second);
    },
  ),
  enrolmentCase(
    'enrol/foreign-clinic',
    [33],
    "Enrolling a tenant with another tenant's clinic in its manifest",
    'refused, and nothing is changed',
    async (stage) => {
      const thief = newTenant(1);
      const stolen = { ...thief, clinics: [{ ...clinic('stolen'), id: stage.b.clinicId }] };
      const refused = await run(stage, stolen).then(() => false, isRefusal);
      const { rows } = await stage.admin.query<{ tenant: string; name: string }>(
        'SELECT tenant_id AS tenant, name FROM ringfence.clinics WHERE id = $1',
        [stage.b.clinicId],
      );
      if (rows[0]?.tenant !== stage.b.tenantId || rows[0].name !== stage.b.marker)
        return leaked('the clinic was changed');
      return refused && (await traces(stage, { ...thief, clinics: [] })) === 0
        ? held('refused, nothing changed')
        : leaked('it was not refused');
    },
  ),
  enrolmentCase(
    'enrol/slug-in-use',
    [33],
    'Enrolling a tenant under a slug that another one has',
    'refused, and nothing is changed',
    async (stage) => {
      const first = newTenant();
      await run(stage, first);
      const second = { ...newTenant(), slug: first.slug };
      const refused = await run(stage, second).then(() => false, isRefusal);
      if (!refused || (await traces(stage, second)) > 0) return leaked('it was not refused');
      return converged(stage, first, 'refused, nothing changed');
    },
  ),
  enrolmentCase(
    'withdraw/under-work',
    [32, 33],
    'Withdrawing a tenant while it writes',
    'once both have ended and the withdrawal was run again, no row is left',
    async (stage) => {
      const tenant = newTenant(1);
      await run(stage, tenant);
      const [working] = asCanaries(tenant);
      const table = stage.tables.find(
        ({ parents, required, mayUpdate }) => mayUpdate && parents.length === 0 && required.length > 0,
      );
      if (!working || !table) return unproven('there is no table to write to');
      await stage.second.query('BEGIN');
      await enter(stage, stage.second, working);
      const { insertCanary } = await import('../../canary.js');
      await stage.second.query(insertCanary(stage.second, table, '$1::uuid'), [working.clinicId]);
      const withdrawing = withConnection(stage.target.admin, async (client) => {
        await client.query(`SET lock_timeout = '2s'`);
        await withdraw(client, tenant.tenantId);
      }).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 50));
      await stage.second.query('COMMIT');
      await withdrawing;
      await withConnection(stage.target.admin, (client) => withdraw(client, tenant.tenantId));
      const left = await traces(stage, tenant);
      return left === 0 ? held('no row is left') : leaked(`${left} rows are left`);
    },
  ),
  enrolmentCase(
    'enrol/password',
    [32],
    "Looking for the plain-text password of a tenant's own login in the server: roles, sessions",
    'a verifier only',
    async (stage) => {
      const tenant = newTenant();
      const login = { tenantId: tenant.tenantId, connections: 5, statementTimeoutMs: 1_000 };
      return withConnection(stage.target.admin, async (client) => {
        await enrol(client, tenant);
        await putTenantLogin(client, login, PASSWORD);
        const { rows } = await stage.admin.query<{ kept: string; said: string }>(
          `SELECT (SELECT rolpassword FROM pg_authid WHERE rolname = $1) AS kept,
                (SELECT string_agg(query, ' ') FROM pg_stat_activity WHERE pid = $2) AS said`,
          [loginRoleOf(tenant.tenantId), backendPid(client)],
        );
        const { kept = '', said = '' } = rows[0] ?? {};
        await dropTenantLogin(stage.target.admin, loginRoleOf(tenant.tenantId));
        if (kept.includes(PASSWORD) || said.includes(PASSWORD)) return leaked('the password is readable');
        return kept.startsWith('SCRAM-SHA-256$') ? held('a verifier only') : unproven('there is no verifier');
      });
    },
  ),
  enrolmentCase(
    'lock/two-runs',
    [33],
    'Starting a second isolation test in this cell while this one runs',
    'it is refused',
    async (stage) =>
      withConnection(stage.target.admin, async (client) => {
        const { rows } = await client.query<{ got: boolean }>(
          `SELECT pg_try_advisory_lock(hashtextextended('ringfence isolation test', 0)) AS got`,
        );
        return rows[0]?.got ? leaked('the lock was given twice') : held('refused');
      }),
  ),
  enrolmentCase(
    'lock/dead-holder',
    [33],
    'Taking over a lock whose holder was killed',
    'the server gives it back at once',
    async (stage) => {
      const lock = `SELECT pg_try_advisory_lock(hashtextextended('canary dead holder', 0)) AS got`;
      await withConnection(stage.target.admin, async (client) => {
        await client.query(lock);
        await stage.admin.query('SELECT pg_terminate_backend($1)', [backendPid(client)]);
      }).catch(() => undefined);
      return withConnection(stage.target.admin, async (client) => {
        const { rows } = await client.query<{ got: boolean }>(lock);
        return rows[0]?.got ? held('it was free') : leaked('it is still held');
      });
    },
  ),
];

/** Holds the second claim up at its first write until the first has committed, so that both have read before. */
const claimAtOnce = async (stage: Stage, first: Enrolment, second: Enrolment): Promise<Outcome> => {
  const [shared] = first.clinics;
  const outcome = await withConnection(stage.target.admin, async (holder) => {
    await holder.query('BEGIN');
    await holder.query(`INSERT INTO ringfence.tenants (id, slug, state) VALUES ($1, $2, 'active')`, [
      first.tenantId,
      first.slug,
    ]);
    await holder.query(
      `INSERT INTO ringfence.clinics (id, tenant_id, slug, name, vertical, time_zone, state)
       VALUES ($1, $2, 'clinic-0', 'first', 'canary', 'UTC', 'active')`,
      [shared?.id, first.tenantId],
    );
    const claiming = run(stage, second).then(
      () => 'accepted' as const,
      (error: unknown) => (isRefusal(error) ? ('refused' as const) : ('failed' as const)),
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    await holder.query('COMMIT');
    return claiming;
  });
  const { rows } = await stage.admin.query<{ tenant: string; name: string }>(
    'SELECT tenant_id AS tenant, name FROM ringfence.clinics WHERE id = $1',
    [shared?.id],
  );
  if (rows[0]?.tenant !== first.tenantId || rows[0].name !== 'first')
    return leaked('the second one changed the clinic of the first');
  if (outcome === 'failed') return unproven('the second ended otherwise');
  return outcome === 'refused'
    ? held('the second was refused')
    : leaked('the second was told that it has the clinic');
};
