import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { inspect } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { currentTenant } from '../../../data-plane/access/context/tenant-scope.js';
import type { TenantDatabase } from '../../../data-plane/access/tenant-database.js';
import { grantAsManaged } from '../../support/cell-database.js';
import { type Colleague, SERVICE, useClinics } from './clinic-scene.js';

const ONE = { connectionsPerCell: 1, connectionsPerTenant: 1 };
const NAMES = 'SELECT name FROM clinical.services ORDER BY name';

describe('access.run', () => {
  const scene = useClinics();
  let a: Colleague;
  let b: Colleague;

  beforeAll(async () => {
    await grantAsManaged(scene.database.admin);
    a = await scene.clinic('a');
    b = await scene.clinic('b');
    for (const [clinic, name] of [
      [a, 'canary-a'],
      [b, 'canary-b'],
    ] as const) {
      await scene.database.admin.query(
        'INSERT INTO clinical.services (clinic_id, name, duration_minutes) VALUES ($1, $2, 30)',
        [clinic.clinicId, name],
      );
    }
  });

  it('works in one clinic as one user, and commits', async () => {
    const access = scene.access();
    const seen = await access.run(a.token(), a.clinicId, async (db) => {
      await db.query(SERVICE, ['added']);
      const context = await db.query(
        'SELECT ringfence.current_clinic() AS clinic, ringfence.current_actor() AS actor',
      );
      return { tenant: currentTenant(), context: context.rows[0], names: (await db.query(NAMES)).rows };
    });
    expect(seen).toEqual({
      tenant: { tenantId: a.tenantId, clinicId: a.clinicId, userId: a.userId },
      context: { clinic: a.clinicId, actor: a.userId },
      names: [{ name: 'added' }, { name: 'canary-a' }],
    });
    await scene.database.admin.query(`DELETE FROM clinical.services WHERE name = 'added'`);
  });

  it('rolls back when the work throws, and passes on its error', async () => {
    const access = scene.access();
    const failing = access.run(a.token(), a.clinicId, async (db) => {
      await db.query(SERVICE, ['lost']);
      throw new RangeError('of the application');
    });
    await expect(failing).rejects.toThrow(RangeError);
    const names = await access.run(a.token(), a.clinicId, async (db) => (await db.query(NAMES)).rows);
    expect(names).toEqual([{ name: 'canary-a' }]);
  });

  it('says so when a failure that the work swallowed undid everything', async () => {
    const run = scene.access().run(a.token(), a.clinicId, async (db) => {
      await db.query(SERVICE, ['lost']);
      await db.query('SELECT 1/0').catch(() => undefined);
      return 'as if all were well';
    });
    await expect(run).rejects.toMatchObject({ code: 'database_refused', message: /nothing was saved/ });
  });

  it('refuses a handle that was kept, when the run has ended', async () => {
    const access = scene.access();
    let leaked: TenantDatabase | undefined;
    let late: Promise<unknown> | undefined;
    await access.run(a.token(), a.clinicId, async (db) => {
      leaked = db;
      late = pause(30).then(() => currentTenant());
      late.catch(() => undefined);
    });
    const uses = [
      leaked?.query(NAMES),
      leaked?.client.query(NAMES),
      leaked?.pool.query(NAMES),
      leaked?.pool.connect().then((client) => client.query(NAMES)),
      leaked?.sealed.seal('clinical.patients', 'phone', '1', '+34600000000'),
      leaked?.rows.find('clinical.patients', {}),
      late,
    ];
    for (const use of uses) await expect(use).rejects.toMatchObject({ code: 'not_in_context' });
    expect(() => currentTenant()).toThrow(expect.objectContaining({ code: 'not_in_context' }));
  });

  it('refuses a handle inside the run of another clinic', async () => {
    const access = scene.access();
    let handedOver: (db: TenantDatabase) => void = () => undefined;
    const handle = new Promise<TenantDatabase>((resolve) => {
      handedOver = resolve;
    });
    let finish: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const first = access.run(a.token(), a.clinicId, async (db) => {
      handedOver(db);
      await finished;
    });
    const second = access.run(b.token(), b.clinicId, async () => (await handle).query(NAMES));
    await expect(second).rejects.toMatchObject({ code: 'not_in_context' });
    finish();
    await first;
  });

  it('refuses a run for another clinic inside a run, and joins one for the same', async () => {
    const access = scene.access();
    await access.run(a.token(), a.clinicId, async (outer) => {
      await expect(access.run(b.token(), b.clinicId, async () => 1)).rejects.toMatchObject({
        reason: 'clinic_nested',
      });
      const other = a.token({ sub: randomUUID() });
      await expect(access.run(other, a.clinicId, async () => 1)).rejects.toMatchObject({
        reason: 'clinic_nested',
      });
      const same = await access.run(a.token(), a.clinicId, async (inner) => inner === outer);
      expect(same).toBe(true);
    });
    expect(scene.refusals.map(({ reason }) => reason)).toEqual(['clinic_nested', 'clinic_nested']);
  });

  it('takes one statement at a time, and no cursors', async () => {
    const stacked = scene.access().run(a.token(), a.clinicId, (db) => db.query('SELECT 1; COMMIT'));
    await expect(stacked).rejects.toMatchObject({ code: 'database_refused', sqlState: '42601' });
    const cursor = { submit: () => undefined, text: 'SELECT 1' };
    const custom = scene.access().run(a.token(), a.clinicId, (db) => db.client.query(cursor as never));
    await expect(custom).rejects.toMatchObject({ code: 'usage' });
  });

  it('runs one statement in one packet, under the same rules', async () => {
    const access = scene.access(ONE);
    const query = (who: Colleague, text: string, values: unknown[] = [], options = {}) =>
      access.query(who.token(), who.clinicId, text, values, options);
    expect((await query(a, NAMES)).rows).toEqual([{ name: 'canary-a' }]);
    expect((await query(a, SERVICE, ['written'])).rowCount).toBe(1);
    expect((await query(a, NAMES)).rowCount).toBe(2);
    await query(a, `DELETE FROM clinical.services WHERE name = $1`, ['written']);
    expect((await query(b, NAMES)).rows).toEqual([{ name: 'canary-b' }]);

    await expect(query(a, 'SELECT 1/0')).rejects.toMatchObject({ sqlState: '22012' });
    await expect(query(a, 'SELECT 1; COMMIT')).rejects.toMatchObject({ sqlState: '42601' });
    await query(a, `SELECT set_config('my.clinic', '1', false)`);
    expect((await query(b, `SELECT nullif(current_setting('my.clinic', true), '') AS kept`)).rows).toEqual([
      { kept: null },
    ]);
    const stranger = access.query(a.token({ sub: randomUUID() }), a.clinicId, SERVICE, ['never']);
    await expect(stranger).rejects.toMatchObject({ reason: 'user_not_assigned' });
    const slow = query(a, 'SELECT pg_sleep(60)', [], { signal: AbortSignal.timeout(100) });
    await expect(slow).rejects.toMatchObject({ code: 'cancelled' });
    expect((await query(a, NAMES)).rows).toEqual([{ name: 'canary-a' }]);

    const inside = access.run(a.token(), a.clinicId, async (db) => {
      await db.query(SERVICE, ['uncommitted']);
      return (await query(a, NAMES)).rowCount;
    });
    expect(await inside).toBe(2);
    const crossed = access.run(a.token(), a.clinicId, () => query(b, NAMES));
    await expect(crossed).rejects.toMatchObject({ reason: 'clinic_nested' });
    await query(a, `DELETE FROM clinical.services WHERE name = 'uncommitted'`);
  });

  it('keeps a statement that comes again prepared, over clinics, errors and migrations', async () => {
    const access = scene.access(ONE);
    const query = (who: Colleague, text: string, values: unknown[]) =>
      access.query(who.token(), who.clinicId, text, values);
    const all = 'SELECT * FROM clinical.services WHERE name <> $1';
    const columns = async (who: Colleague) => {
      const { rows, fields } = await query(who, all, ['-']);
      expect(rows.map(({ name }) => name)).toEqual([who === a ? 'canary-a' : 'canary-b']);
      return fields.map(({ name }) => name);
    };
    const before = await columns(a);
    for (let n = 0; n < 8; n++) for (const who of [a, b]) expect(await columns(who)).toEqual(before);
    await scene.database.admin.query('ALTER TABLE clinical.services ADD COLUMN colour text');
    for (const who of [b, a, b]) expect(await columns(who)).toEqual([...before, 'colour']);
    await scene.database.admin.query('ALTER TABLE clinical.services DROP COLUMN colour');
    expect(await columns(a)).toEqual(before);

    const divide = 'SELECT 1 / $1::int AS result';
    for (const [by, result] of [
      [1, 1],
      [1, 1],
      [1, 1],
    ] as const)
      expect((await query(a, divide, [by])).rows).toEqual([{ result }]);
    await expect(query(a, divide, [0])).rejects.toMatchObject({ sqlState: '22012' });
    expect((await query(b, divide, [1])).rows).toEqual([{ result: 1 }]);
    for (const text of [
      'SELECT statement FROM pg_prepared_statements',
      'SELECT * FROM pg_prepared_statement()',
    ])
      await expect(query(b, text, [])).rejects.toMatchObject({ sqlState: '42501' });
  });

  it('shows of a database error its rule and no value', async () => {
    const id = randomUUID();
    const insert = `INSERT INTO clinical.services (id, name, duration_minutes) VALUES ($1, 'secret-value', 30)`;
    const error = await scene
      .access()
      .run(a.token(), a.clinicId, async (db) => {
        await db.query(insert, [id]);
        await db.query(insert, [id]);
      })
      .catch((caught) => caught);
    expect(error).toMatchObject({
      code: 'database_refused',
      sqlState: '23505',
      table: 'services',
      constraint: 'services_pkey',
    });
    const shown = inspect(error, { depth: 10, showHidden: true });
    for (const value of [id, 'secret-value', a.clinicId, 'DETAIL']) expect(shown).not.toContain(value);

    // Errors whose own words hold the value, and one of a check, whose DETAIL holds the row.
    const check = `INSERT INTO clinical.services (name, duration_minutes) VALUES ('secret-value', -1)`;
    for (const statement of [`SELECT 'secret-value'::uuid`, `SELECT 'secret-value'::int`, check]) {
      const refused = await scene
        .access()
        .run(a.token(), a.clinicId, (db) => db.query(statement))
        .catch((caught) => caught);
      expect(refused).toMatchObject({ code: 'database_refused' });
      expect(inspect(refused, { depth: 10, showHidden: true })).not.toContain('secret-value');
    }
  });

  it.each([
    ['a role that may not', 'RF004', 'not_permitted'],
    ['a quota', 'RF005', 'quota_exceeded'],
    ['a subscription that is past due', 'RF003', 'subscription_read_only'],
  ])('types the refusal of %s', async (_, sqlState, code) => {
    const auditor = await scene.clinic('typed', code === 'not_permitted' ? 'auditor' : 'owner');
    const { admin } = scene.database;
    if (code === 'quota_exceeded')
      await admin.query(`INSERT INTO ringfence.quotas VALUES ($1, 5, 1000, 1000000, 1, 100, 10, 100, 10)`, [
        auditor.tenantId,
      ]);
    if (code === 'subscription_read_only')
      await admin.query(
        `UPDATE ringfence.clinics SET created_at = now() - interval '15 days' WHERE id = $1`,
        [auditor.clinicId],
      );
    const write = scene.access().run(auditor.token(), auditor.clinicId, async (db) => {
      await db.query(SERVICE, ['one']);
      await db.query(SERVICE, ['two']);
    });
    const error = await write.catch((caught) => caught);
    expect(error, sqlState).toMatchObject({ code, reason: code });
    if (code === 'quota_exceeded') expect(error.quota).toMatchObject({ what: 'rows', limit: 1 });
    expect(scene.refusals).toMatchObject([{ code, clinicId: auditor.clinicId, userId: auditor.userId }]);
  });

  it('refuses whoever is not assigned, and whose assignment ended, from the next run on', async () => {
    const access = scene.access();
    const count = (token: string) =>
      access.run(token, a.clinicId, async (db) => (await db.query(NAMES)).rowCount);
    await expect(count(a.token({ sub: randomUUID() }))).rejects.toMatchObject({
      code: 'access_refused',
      reason: 'user_not_assigned',
    });
    const { admin } = scene.database;
    const setActive = (active: boolean) =>
      admin.query('UPDATE clinical.staff SET active = $2 WHERE user_id = $1', [a.userId, active]);
    expect(await count(a.token())).toBe(1);
    await setActive(false);
    await expect(count(a.token())).rejects.toMatchObject({ reason: 'user_not_assigned' });
    await setActive(true);
    expect(await count(a.token())).toBe(1);
  });

  it('refuses a suspended tenant with a valid token, by directory and by database', async () => {
    const c = await scene.clinic('suspended');
    const access = scene.access();
    const enter = () => access.run(c.token(), c.clinicId, async () => 'in');
    expect(await enter()).toBe('in');
    await scene.database.admin.query(`UPDATE ringfence.tenants SET state = 'suspended' WHERE id = $1`, [
      c.tenantId,
    ]);
    await expect(enter()).rejects.toMatchObject({ code: 'clinic_inactive' });
    const known = scene.located.get(c.clinicId);
    if (known)
      scene.located.set(c.clinicId, {
        ...known,
        state: 'suspended',
        connection: { ...known.connection, port: 1 },
      });
    await expect(enter()).rejects.toMatchObject({ code: 'clinic_inactive' });
  });

  it.each([
    ['mfa', { mfaRequired: true }, { amr: ['pwd'] }, { amr: ['pwd', 'otp', 'mfa'] }, 'mfa_missing'],
    ['a short session', { sessionMinutes: 60 }, { auth_time: 1_000 }, 'fresh', 'session_too_long'],
    ['a known session', { sessionMinutes: 60 }, {}, 'fresh', 'session_too_long'],
  ] as const)('holds a tenant to %s', async (_, policy, refused, granted, reason) => {
    const c = await scene.clinic('policy');
    const known = scene.located.get(c.clinicId);
    if (known) scene.located.set(c.clinicId, { ...known, security: { ...known.security, ...policy } });
    const access = scene.access();
    const enter = (changes: object) => access.run(c.token({ ...changes }), c.clinicId, async () => 'in');
    await expect(enter(refused)).rejects.toMatchObject({ code: 'access_refused', reason });
    expect(await enter(granted === 'fresh' ? { auth_time: scene.idp.nowSeconds() - 3_500 } : granted)).toBe(
      'in',
    );
  });

  it('holds a tenant to its networks', async () => {
    const c = await scene.clinic('network');
    const known = scene.located.get(c.clinicId);
    const allowedNetworks = ['192.0.2.0/24', '2001:db8::/32', '198.51.100.7'];
    if (known) scene.located.set(c.clinicId, { ...known, security: { ...known.security, allowedNetworks } });
    const access = scene.access();
    const from = (remoteAddress?: string) =>
      access.run(c.token(), c.clinicId, async () => 'in', { remoteAddress }).catch(({ reason }) => reason);
    for (const address of ['192.0.2.200', '::ffff:192.0.2.1', '2001:db8:1::2', '198.51.100.7'])
      expect(await from(address), address).toBe('in');
    for (const address of [
      undefined,
      '',
      '192.0.3.1',
      '198.51.100.8',
      '2001:db9::1',
      '::ffff:10.0.0.1',
      '192.0.2.1, 10.0.0.1',
      'localhost',
    ])
      expect(await from(address), address).toBe('network_not_allowed');
  });
});
