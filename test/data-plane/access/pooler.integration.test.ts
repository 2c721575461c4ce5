import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grantAsManaged } from '../../support/cell-database.js';
import { type Colleague, SERVICE, useClinics } from './clinic-scene.js';
import { hasPgBouncer, startPgBouncer } from './pgbouncer.js';

const CLINICS = 50;
const RUNS = Number(process.env.RINGFENCE_TEST_POOLED_RUNS ?? 2_000);

/** RINGFENCE_TEST_PGBOUNCER names the program where it is not on PATH; RINGFENCE_TEST_POOLED_RUNS asks for more. */
const missing = hasPgBouncer() ? '' : ', which is not installed';

describe.skipIf(missing !== '')(`behind PgBouncer that pools by transaction${missing}`, () => {
  const scene = useClinics();
  let bouncer: Awaited<ReturnType<typeof startPgBouncer>>;
  let clinics: Colleague[];

  beforeAll(async () => {
    await grantAsManaged(scene.database.admin);
    bouncer = await startPgBouncer(scene.database.appConnection, 5);
    clinics = await Promise.all(Array.from({ length: CLINICS }, (_, n) => scene.clinic(`pooled-${n}`)));
    for (const { clinicId } of clinics) {
      const known = scene.located.get(clinicId);
      if (known)
        scene.located.set(clinicId, { ...known, connection: bouncer.connection, pooler: 'transaction' });
    }
  });
  afterAll(() => bouncer.stop());

  it('mixes up nothing: 50 clinics, 20 connections to 5 of the server, with errors and cancels', async () => {
    const access = scene.access({ connectionsPerCell: 20, connectionsPerTenant: 2, waitMs: 60_000 });
    const counts = { committed: 0, failed: 0, cancelled: 0, mismatches: 0 };
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let n = next++; n < RUNS; n = next++) {
        const who = clinics[(n * 7) % CLINICS] as Colleague;
        if (n % 4 === 0) {
          const text = 'SELECT ringfence.current_clinic() AS clinic';
          const { rows } = await access.query(who.token(), who.clinicId, text);
          if (rows[0]?.clinic !== who.clinicId) counts.mismatches++;
        }
        const stop = new AbortController();
        if (n % 20 === 0) setTimeout(() => stop.abort(), n % 11);
        const run = access.run(
          who.token(),
          who.clinicId,
          async (db) => {
            if (n % 5 === 0) await db.query(SERVICE, [who.clinicId]);
            if (n % 9 === 1) await db.query(`SELECT set_config('my.clinic', $1, false)`, [who.clinicId]);
            // Long enough to be cancelled while it runs.
            if (n % 20 === 0) await db.query('SELECT pg_sleep(0.02)');
            if (n % 17 === 0) await db.query('SELECT 1/0');
            const { rows } = await db.query(
              `SELECT ringfence.current_clinic() AS clinic, ringfence.current_actor() AS actor,
                      count(*) FILTER (WHERE name <> $1)::int AS foreign,
                      nullif(current_setting('my.clinic', true), '') AS setting FROM clinical.services`,
              [who.clinicId],
            );
            const [row] = rows;
            const isMine =
              row?.clinic === who.clinicId &&
              row?.actor === who.userId &&
              row?.foreign === 0 &&
              (row?.setting ?? who.clinicId) === who.clinicId;
            if (!isMine) counts.mismatches++;
          },
          { signal: stop.signal },
        );
        await run.then(
          () => counts.committed++,
          ({ code }) => (code === 'cancelled' ? counts.cancelled++ : counts.failed++),
        );
      }
    };
    await Promise.all(Array.from({ length: 40 }, worker));
    console.log(
      `      ${RUNS} runs through PgBouncer: ${counts.committed} committed, ${counts.failed} failed, ${counts.cancelled} cancelled; ${counts.mismatches} mismatches`,
    );
    expect(counts.mismatches).toBe(0);
    expect(counts.committed + counts.failed + counts.cancelled).toBe(RUNS);
    expect(counts.failed).toBeLessThanOrEqual(Math.ceil(RUNS / 17));
    expect(counts.committed).toBeGreaterThan(RUNS * 0.8);
  });

  it('is refused where the pooler is not declared: the token is for another process', async () => {
    const [who] = clinics as [Colleague];
    const known = scene.located.get(who.clinicId);
    if (known) {
      const { pooler: _, ...undeclared } = known;
      scene.located.set(who.clinicId, undeclared);
    }
    const run = scene.access().run(who.token(), who.clinicId, async () => 'in');
    await expect(run).rejects.toMatchObject({ code: 'database_refused', message: /context token/ });
  });
});
