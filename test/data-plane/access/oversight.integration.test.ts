import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { RingfenceError } from '../../../core/errors.js';
import type { Located } from '../../../data-plane/access/directory/directory.js';
import { withConnection } from '../../../data-plane/database/connect.js';
import { blindIndex } from '../../../data-plane/keys/blind-index.js';
import { TenantKey } from '../../../data-plane/keys/tenant-key.js';
import type { TenantKeys } from '../../../data-plane/keys/tenant-keys.js';
import { putQuota } from '../../../data-plane/quotas/quota.js';
import { readUsage } from '../../../data-plane/quotas/usage.js';
import { planQuotas, type Quotas } from '../../../manifest/quotas.js';
import { inScratch, plantStaff } from '../../support/cell-database.js';
import { inOneMinute } from '../../support/one-minute.js';
import { type Colleague, SERVICE, useClinics } from './clinic-scene.js';

const PATIENT = {
  patient_name: 'Begoña Núñez',
  phone: '+34 600 111 222',
  medical_history: 'alergia al látex',
  locale: 'es-ES',
};

/** Versions 1 to `newest` of a tenant's key, in memory. */
const keysOf = (newest: { version: number }): TenantKeys =>
  ({
    load: async (tenantId: string, version = newest.version) => {
      if (version > newest.version) throw new RingfenceError('key_not_found', 'no such version');
      return new TenantKey(tenantId, version, Buffer.alloc(32, version));
    },
  }) as unknown as TenantKeys;

describe('what the access library writes down and counts', () => {
  const scene = useClinics();

  const refusedEvents = async ({ clinicId }: Colleague) =>
    (
      await scene.database.admin.query(
        `SELECT actor, detail ->> 'reason' AS reason FROM clinical.audit_events
          WHERE clinic_id = $1 AND action = 'refused' ORDER BY at`,
        [clinicId],
      )
    ).rows;
  const limit = (person: Colleague, quotas: Partial<Quotas>) =>
    withConnection(scene.database.connection, (client) =>
      putQuota(client, person.tenantId, { ...planQuotas('starter'), ...quotas }),
    );

  it('has every refused attempt in the audit log of the clinic that was asked for', async () => {
    const [victim, attacker] = [await scene.clinic('victim'), await scene.clinic('attacker')];
    const access = scene.access();
    const refused = (token: string) =>
      expect(access.run(token, victim.clinicId, async () => null)).rejects.toMatchObject({
        name: 'AccessRefusal',
      });
    await refused(attacker.token());
    await refused('nonsense');
    await refused(victim.token({ exp: 1 }));
    await scene.database.admin.query(`UPDATE ringfence.tenants SET state = 'suspended' WHERE id = $1`, [
      victim.tenantId,
    ]);
    await refused(victim.token());
    await expect.poll(() => refusedEvents(victim)).toHaveLength(4);
    const events = await refusedEvents(victim);
    expect(events.map(({ reason }) => reason).sort()).toEqual(
      ['clinic_inactive', 'clinic_other', 'token_expired', 'token_malformed'].sort(),
    );
    expect(events.find(({ reason }) => reason === 'clinic_other')?.actor).toBe(`user:${attacker.userId}`);
    expect(events.find(({ reason }) => reason === 'token_malformed')?.actor).toBe('unknown');
  });

  it('has what a role may not do there too, though its transaction was rolled back', async () => {
    const doctor = await scene.clinic('doctor', 'doctor');
    const write = scene.access().run(doctor.token(), doctor.clinicId, (db) => db.query(SERVICE, ['x']));
    await expect(write).rejects.toMatchObject({ code: 'not_permitted' });
    await expect
      .poll(() => refusedEvents(doctor))
      .toEqual([{ actor: `user:${doctor.userId}`, reason: 'not_permitted' }]);
  });

  it('tells the clinic of support that reads and throws, each time', async () => {
    const boss = await scene.clinic('supported');
    const userId = randomUUID();
    await scene.database.admin.query(
      `INSERT INTO ringfence.support_grants (tenant_id, user_id, reason, granted_by, expires_at)
       VALUES ($1, $2, 'ticket 4713: wrong totals', 'ops', now() + interval '1 hour')`,
      [boss.tenantId, userId],
    );
    const access = scene.access();
    const told = async () =>
      (
        await scene.database.admin.query(
          `SELECT actor FROM clinical.audit_events WHERE clinic_id = $1 AND action = 'support'`,
          [boss.clinicId],
        )
      ).rows;
    for (let times = 1; times <= 3; times++) {
      const reading = access.run(boss.token({ sub: userId }), boss.clinicId, async (db) => {
        await db.query('SELECT FROM clinical.staff');
        throw new Error('nobody saw it');
      });
      await expect(reading).rejects.toThrow('nobody saw it');
      expect(await told()).toEqual(Array(times).fill({ actor: `super_admin:${userId}` }));
    }
    await access.query(boss.token({ sub: userId }), boss.clinicId, 'SELECT FROM clinical.staff');
    expect(await told()).toHaveLength(4);
    await expect(
      access.query(boss.token({ sub: randomUUID() }), boss.clinicId, 'SELECT FROM clinical.staff'),
    ).rejects.toMatchObject({ reason: 'user_not_assigned' });
  });

  it("ends the run of somebody whose assignment ends or changes meanwhile, and nobody else's", async () => {
    const [gone, stays] = [await scene.clinic('ending'), await scene.clinic('going-on')];
    const access = scene.access();
    const { admin } = scene.database;
    for (const change of [`role = 'reception'`, 'active = false']) {
      let end = (): void => undefined;
      const ended = new Promise<void>((resolve) => {
        end = resolve;
      });
      const other = access.run(stays.token(), stays.clinicId, async (db) => {
        await db.query('SELECT FROM clinical.services');
        await ended;
        return (await db.query('SELECT 1 AS one')).rows;
      });
      let changed: Promise<unknown> = Promise.resolve();
      const run = access.run(gone.token(), gone.clinicId, async (db) => {
        await db.query('SELECT FROM clinical.services');
        changed = admin.query(`UPDATE clinical.staff SET ${change} WHERE user_id = $1`, [gone.userId]);
        await changed;
        return db.query('SELECT FROM clinical.services');
      });
      await expect(run).rejects.toMatchObject({ code: 'database_unavailable' });
      await changed;
      end();
      expect(await other).toEqual([{ one: 1 }]);
    }
    await expect(access.run(gone.token(), gone.clinicId, async () => null)).rejects.toMatchObject({
      reason: 'user_not_assigned',
    });
  });

  it('asks whoever comes while their own access is being changed to try again, and nobody else', async () => {
    const person = await scene.clinic('changing');
    const colleague = await scene.sister(person);
    const access = scene.access();
    const services = ({ token, clinicId }: typeof person) =>
      access.query(token(), clinicId, 'SELECT FROM clinical.services');
    await inScratch(scene.database.admin, async (admin) => {
      await admin.query(`UPDATE clinical.staff SET role = 'reception' WHERE user_id = $1`, [person.userId]);
      await services(person);
      await admin.query('SET CONSTRAINTS ALL IMMEDIATE');
      await expect(services(person)).rejects.toMatchObject({
        code: 'database_unavailable',
        message: 'ringfence: this access is being changed',
        fix: 'Try again shortly.',
      });
      await services(colleague);
    });
    await services(person);
  });

  it('refuses more requests than a minute has, and says what, how many and until when', () =>
    inOneMinute(async (attempt) => {
      const person = await scene.clinic(`busy-${attempt}`);
      await limit(person, { requestsPerMinute: 25 });
      const access = scene.access({ connectionsPerCell: 8, connectionsPerTenant: 8 });
      const outcomes = await Promise.allSettled(
        Array.from({ length: 60 }, () =>
          access.run(person.token(), person.clinicId, (db) => db.query('SELECT 1')),
        ),
      );
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(25);
      const refused = outcomes.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
      expect(refused.reason).toMatchObject({
        code: 'quota_exceeded',
        quota: { what: 'requestsPerMinute', limit: 25, resets: expect.stringMatching(/:00Z$/) },
      });
    }));

  it('books the time of every run and who came, and a rollback is no discount', async () => {
    const person = await scene.clinic('slow');
    await limit(person, { requestsPerMinute: 1_000 });
    const access = scene.access();
    const slow = () => access.run(person.token(), person.clinicId, (db) => db.query('SELECT pg_sleep(0.1)'));
    await slow();
    await access
      .run(person.token(), person.clinicId, async (db) => {
        await db.query('SELECT pg_sleep(0.1)');
        throw new Error('rolled back');
      })
      .catch(() => undefined);
    // The next lease books them.
    for (let n = 0; n < 10; n++)
      await access.run(person.token(), person.clinicId, (db) => db.query('SELECT 1'));
    const usage = await withConnection(scene.database.connection, (client) =>
      readUsage(client, person.tenantId),
    );
    expect(usage?.computeSecondsPerDay).toBeGreaterThanOrEqual(0.2);
    expect(usage).toMatchObject({ concurrentUsers: 1, requestsPerMinute: expect.any(Number) });
  });

  it('closes no clinic of a tenant but the one that is closed, and asks for a lease where the request goes', async () => {
    const closed = await scene.clinic('closed');
    const open = await scene.sister(closed);
    const access = scene.access({ connectionsPerCell: 8, connectionsPerTenant: 8 });
    const visit = ({ token, clinicId }: Colleague) => access.query(token(), clinicId, 'SELECT 1');
    await visit(closed);
    await scene.database.admin.query(`UPDATE ringfence.clinics SET state = 'closed' WHERE id = $1`, [
      closed.clinicId,
    ]);
    const visitors = Array.from({ length: 120 }, (_, n) => (n % 3 === 0 ? closed : open));
    const outcomes = await Promise.allSettled(visitors.map(visit));
    for (const [n, outcome] of outcomes.entries()) {
      if (n % 3 !== 0) expect(outcome).toMatchObject({ status: 'fulfilled' });
      else expect(outcome).toMatchObject({ reason: { code: 'clinic_inactive' } });
    }
    const users = scene.refusals.map(({ clinicId }) => clinicId);
    expect(new Set(users)).toEqual(new Set([closed.clinicId]));
  });

  it('takes a lease by the address and the key that the directory gives now', async () => {
    const person = await scene.clinic('moving');
    const right = scene.located.get(person.clinicId) as Located;
    const access = scene.access();
    const visit = () => access.query(person.token(), person.clinicId, 'SELECT 1');
    const otherKey = { keyId: 1, secret: Buffer.alloc(32, 9) };
    scene.located.set(person.clinicId, { ...right, connection: { ...right.connection, port: 1 } });
    await expect(visit()).rejects.toMatchObject({ code: 'database_unavailable' });
    scene.located.set(person.clinicId, { ...right, contextKey: otherKey });
    await expect(visit()).rejects.toMatchObject({ code: 'database_refused' });
    scene.located.set(person.clinicId, right);
    await visit();
  });

  it('refuses a row above the plan when it is saved', async () => {
    const person = await scene.clinic('full');
    await limit(person, { rows: 2 });
    const access = scene.access();
    const add = () => access.run(person.token(), person.clinicId, (db) => db.query(SERVICE, ['x']));
    await add();
    await expect(add()).rejects.toMatchObject({
      code: 'quota_exceeded',
      quota: { what: 'rows', limit: 2, used: 3 },
    });
  });

  it('opens a medical history for those who treat, and leaves it out for reception', async () => {
    const doctor = await scene.clinic('history', 'doctor');
    const reception = await plantStaff(scene.database.admin, doctor, 'reception');
    const access = scene.access({ tenantKeys: keysOf({ version: 1 }) });
    const id = await access.run(doctor.token(), doctor.clinicId, (db) =>
      db.rows.insert('clinical.patients', PATIENT),
    );
    const token = doctor.token({ sub: reception.userId });
    const found = await access.run(token, doctor.clinicId, (db) => db.rows.find('clinical.patients', { id }));
    expect(found[0]).toMatchObject({ patient_name: PATIENT.patient_name, phone: PATIENT.phone });
    expect(Object.keys(found[0] ?? {})).not.toContain('medical_history');
    const opened = access.run(token, doctor.clinicId, async (db) => {
      const { rows } = await db.query<{ sealed: Buffer }>(
        'SELECT medical_history_sealed AS sealed FROM clinical.patients WHERE id = $1',
        [id],
      );
      return db.sealed.open('clinical.patients', 'medical_history', id, rows[0]?.sealed ?? Buffer.alloc(0));
    });
    await expect(opened).rejects.toMatchObject({ code: 'not_permitted' });
    const treated = await access.run(doctor.token(), doctor.clinicId, (db) =>
      db.rows.find('clinical.patients', { id }),
    );
    expect(treated[0]).toMatchObject({ medical_history: PATIENT.medical_history });
  });

  it('finds rows of the version before while a key is rotated', async () => {
    const doctor = await scene.clinic('rotated', 'doctor');
    const newest = { version: 1 };
    const before = scene.access({ tenantKeys: keysOf(newest) });
    const id = await before.run(doctor.token(), doctor.clinicId, (db) =>
      db.rows.insert('clinical.patients', PATIENT),
    );
    newest.version = 2;
    const find = () =>
      scene
        .access({ tenantKeys: keysOf(newest) })
        .run(doctor.token(), doctor.clinicId, (db) =>
          db.rows.find('clinical.patients', { patient_name: 'begona nunez' }),
        );
    expect((await find()).map((row) => row.id)).toEqual([id]);
    const key = new TenantKey(doctor.tenantId, 2, Buffer.alloc(32, 2));
    await scene.database.admin.query('UPDATE clinical.patients SET patient_name_index = $2 WHERE id = $1', [
      id,
      blindIndex(key, doctor.clinicId).name(PATIENT.patient_name),
    ]);
    expect((await find()).map((row) => row.id)).toEqual([id]);
  });
});
