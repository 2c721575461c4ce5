import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Access } from '../../../data-plane/access/create-access.js';
import { grantAsManaged } from '../../support/cell-database.js';
import { type Colleague, SERVICE, useClinics } from './clinic-scene.js';

const ONE = { connectionsPerCell: 1, connectionsPerTenant: 1 };
const PID = 'SELECT pg_backend_pid() AS pid';

describe('connections that clinics share', () => {
  const scene = useClinics();
  let a: Colleague;
  let b: Colleague;

  beforeAll(async () => {
    await grantAsManaged(scene.database.admin);
    a = await scene.clinic('a');
    b = await scene.clinic('b');
    for (const clinic of [a, b]) {
      await scene.database.admin.query(
        'INSERT INTO clinical.services (clinic_id, name, duration_minutes) VALUES ($1, $2, 30)',
        [clinic.clinicId, clinic === a ? 'canary-a' : 'canary-b'],
      );
    }
  });

  const pidOf = (access: Access, who: Colleague): Promise<number> =>
    access.run(who.token(), who.clinicId, async (db) => (await db.query(PID)).rows[0]?.pid);
  const idle = async (): Promise<void> => {
    await expect
      .poll(async () => {
        const { rows } = await scene.database.admin.query(
          `SELECT count(*)::int AS busy FROM pg_stat_activity
            WHERE application_name = 'ringfence access' AND datname = current_database() AND state <> 'idle'`,
        );
        return rows[0].busy;
      })
      .toBe(0);
  };

  it('are not kept by name: a statement that a clinic prepared is not what another one runs', async () => {
    const access = scene.access(ONE);
    const named = { name: 'services', text: 'SELECT name FROM clinical.services' };
    const run = (who: Colleague) =>
      access.run(who.token(), who.clinicId, async (db) => (await db.client.query(named)).rows);
    expect(await run(a)).toEqual([{ name: 'canary-a' }]);
    for (let n = 0; n < 12; n++) expect(await run(b)).toEqual([{ name: 'canary-b' }]);
  });

  it('are limited by tenant: a crowd of one leaves room for the others', async () => {
    const access = scene.access({ connectionsPerCell: 3, connectionsPerTenant: 2, waitMs: 300 });
    let atOnce = 0;
    let most = 0;
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const crowd = Array.from({ length: 6 }, () =>
      access.run(a.token(), a.clinicId, async (db) => {
        most = Math.max(most, ++atOnce);
        await db.query('SELECT 1');
        await held;
        atOnce--;
      }),
    );
    let ended = 0;
    for (const run of crowd) run.then(null, () => undefined).then(() => void ended++);
    expect(await access.run(b.token(), b.clinicId, async () => 'in')).toBe('in');
    await expect.poll(() => ended).toBe(4);
    release();
    const results = await Promise.allSettled(crowd);
    const refused = results.filter(({ status }) => status === 'rejected');
    expect(most).toBe(2);
    expect(refused).toHaveLength(4);
    for (const { reason } of refused as PromiseRejectedResult[]) {
      expect(reason).toMatchObject({
        code: 'quota_exceeded',
        quota: { what: 'connections', limit: 2, used: 2 },
      });
    }
  });

  it('stop at once when the request is cancelled: the statement ends, the connection is closed', async () => {
    const access = scene.access(ONE);
    const before = await pidOf(access, a);
    const stop = new AbortController();
    const sleeping = access.run(
      a.token(),
      a.clinicId,
      async (db) => {
        await db.query(SERVICE, ['lost']);
        await db.query('SELECT pg_sleep(60)');
      },
      { signal: stop.signal },
    );
    setTimeout(() => stop.abort(), 150);
    const startedMs = performance.now();
    await expect(sleeping).rejects.toMatchObject({ code: 'cancelled' });
    expect(performance.now() - startedMs).toBeLessThan(30_000);
    await idle();
    expect(await pidOf(access, b)).not.toBe(before);
    const names = await access.run(a.token(), a.clinicId, async (db) =>
      (await db.query('SELECT name FROM clinical.services')).rows.map(({ name }) => name),
    );
    expect(names).toEqual(['canary-a']);
    await expect(
      access.run(a.token(), a.clinicId, async () => 'in', { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('stop when the time is over, also where the work waits for something else', async () => {
    const access = scene.access({ ...ONE, timeoutMs: 200 });
    const slow = (work: (sleep: () => Promise<unknown>) => Promise<unknown>) =>
      access.run(a.token(), a.clinicId, (db) => work(() => db.query('SELECT pg_sleep(60)')));
    await expect(slow((query) => query())).rejects.toMatchObject({ code: 'timeout' });
    await expect(slow(() => new Promise(() => undefined))).rejects.toMatchObject({ code: 'timeout' });
    await idle();
    expect(await access.run(b.token(), b.clinicId, async () => 'in')).toBe('in');
  });

  it('that the server ends are replaced, and the directory is asked anew', async () => {
    const access = scene.access(ONE);
    const { admin } = scene.database;
    const ended = access.run(a.token(), a.clinicId, async (db) => {
      const pid = (await db.query(PID)).rows[0]?.pid;
      await admin.query('SELECT pg_terminate_backend($1)', [pid]);
      await pause(50);
      await db.query(PID);
    });
    await expect(ended).rejects.toMatchObject({ code: 'database_unavailable' });
    expect(scene.forgotten).toContain(a.clinicId);
    expect(await access.run(b.token(), b.clinicId, async () => 'in')).toBe('in');
  });

  it('mix up nothing: 50 clinics over 5 connections, with aborts and errors', async () => {
    const access = scene.access({ connectionsPerCell: 5, connectionsPerTenant: 2, waitMs: 30_000 });
    const clinics = await Promise.all(Array.from({ length: 50 }, (_, n) => scene.clinic(`many-${n}`)));
    const counts = { runs: 0, aborted: 0, failed: 0, mismatches: 0 };
    const visit = async (who: Colleague, round: number): Promise<void> => {
      const one = await access.query(
        who.token(),
        who.clinicId,
        'SELECT ringfence.current_clinic() AS clinic, count(*) FILTER (WHERE name <> $1)::int AS foreign FROM clinical.services',
        [who.clinicId],
      );
      if (one.rows[0]?.clinic !== who.clinicId || one.rows[0]?.foreign !== 0) counts.mismatches++;
      const kind = (round * 7 + clinics.indexOf(who)) % 10;
      const stop = new AbortController();
      if (kind === 0) setTimeout(() => stop.abort(), (round * 3) % 25);
      const work = access.run(
        who.token(),
        who.clinicId,
        async (db) => {
          await db.query(SERVICE, [who.clinicId]);
          if (kind === 1) await db.query(`SELECT set_config('my.clinic', $1, false)`, [who.clinicId]);
          if (kind === 2) await db.query('SELECT 1/0');
          const { rows } = await db.query(
            `SELECT ringfence.current_clinic() AS clinic, count(*) FILTER (WHERE name <> $1)::int AS foreign,
                    current_setting('my.clinic', true) AS setting FROM clinical.services`,
            [who.clinicId],
          );
          const [row] = rows;
          const setting = row?.setting || who.clinicId;
          if (row?.clinic !== who.clinicId || row?.foreign !== 0 || setting !== who.clinicId)
            counts.mismatches++;
        },
        { signal: stop.signal },
      );
      await work.then(
        () => counts.runs++,
        ({ code }) => (code === 'cancelled' ? counts.aborted++ : counts.failed++),
      );
    };
    for (let round = 0; round < 20; round++) await Promise.all(clinics.map((who) => visit(who, round)));
    const total = counts.runs + counts.aborted + counts.failed;
    console.log(
      `      ${total} runs of 50 clinics over 5 connections: ${counts.runs} committed, ${counts.failed} failed, ${counts.aborted} aborted; ${counts.mismatches} mismatches`,
    );
    expect(total).toBe(1_000);
    expect(counts).toMatchObject({ mismatches: 0, failed: 100 });
    expect(counts.aborted).toBeGreaterThan(10);
  });
});
