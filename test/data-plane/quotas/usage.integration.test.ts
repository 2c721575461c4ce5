import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { withConnection } from '../../../data-plane/database/connect.js';
import { type Lease, takeLease } from '../../../data-plane/quotas/lease.js';
import { putQuota } from '../../../data-plane/quotas/quota.js';
import { readUsage } from '../../../data-plane/quotas/usage.js';
import { planQuotas, type Quotas } from '../../../manifest/quotas.js';
import { asClinic, plantClinic, type TestClinic, useDatabase } from '../../support/cell-database.js';
import { inOneMinute } from '../../support/one-minute.js';

describe('what a tenant uses', () => {
  const db = useDatabase();

  const plant = async (quotas: Partial<Quotas>): Promise<TestClinic> => {
    const clinic = await plantClinic(db.admin, `used-${randomUUID().slice(0, 8)}`);
    await withConnection(db.connection, (client) =>
      putQuota(client, clinic.tenantId, { ...planQuotas('starter'), ...quotas }),
    );
    return clinic;
  };
  const lease = (clinic: TestClinic, requests: number, computeMs = 0, userIds: string[] = []) =>
    asClinic(db.app, clinic, (client) => takeLease(client, { requests, computeMs, userIds }), 'COMMIT');
  const usageOf = ({ tenantId }: TestClinic) =>
    withConnection(db.connection, (client) => readUsage(client, tenantId));
  it('leases exactly the requests of its minute, however many ask at once', () =>
    inOneMinute(async () => {
      const clinic = await plant({ requestsPerMinute: 100 });
      const leases = await Promise.all(Array.from({ length: 30 }, () => lease(clinic, 7)));
      const granted = leases.reduce((sum, one) => sum + ('requests' in one ? one.requests : 0), 0);
      expect(granted).toBe(100);
      const refused = leases.find((one) => one instanceof Error);
      expect(refused).toMatchObject({
        code: 'quota_exceeded',
        quota: { what: 'requestsPerMinute', limit: 100, used: 101, resets: expect.stringMatching(/:00Z$/) },
      });
      expect(await usageOf(clinic)).toMatchObject({ requestsPerMinute: 100 });
    }));

  it('starts anew with the next minute', () =>
    inOneMinute(async () => {
      const clinic = await plant({ requestsPerMinute: 5 });
      expect(await lease(clinic, 10)).toMatchObject({ requests: 5 });
      await db.admin.query(
        `UPDATE ringfence_private.usage SET period = period - interval '1 minute' WHERE tenant_id = $1 AND what = 'requests'`,
        [clinic.tenantId],
      );
      expect(await lease(clinic, 10)).toMatchObject({ requests: 5 });
    }));

  it.each([
    ['compute time', { computeSecondsPerDay: 10 }, 10_001, 0, 'computeSecondsPerDay'],
    ['users at once', { concurrentUsers: 3 }, 0, 4, 'concurrentUsers'],
    [
      'cost of the month',
      { monthlyCostCapEur: 1, computeSecondsPerDay: 1_000_000 },
      80_000_000,
      0,
      'monthlyCostCapEur',
    ],
  ])('refuses over its %s, and books it all the same', async (_, quotas, computeMs, users, what) => {
    const clinic = await plant(quotas);
    expect((await lease(clinic, 1)) as Lease).toMatchObject({ requests: 1 });
    const userIds = Array.from({ length: users }, () => randomUUID());
    expect(await lease(clinic, 1, computeMs, userIds)).toMatchObject({ quota: { what } });
    expect(await lease(clinic, 1)).toMatchObject({ quota: { what } });
    const usage = await usageOf(clinic);
    expect(usage?.computeSecondsPerDay).toBe(Math.round(computeMs / 100) / 10);
    expect(usage?.concurrentUsers).toBe(users);
  });

  it('is not given to a clinic that did not enter, and takes no absurd figures', async () => {
    await expect(db.app.query('SELECT ringfence.lease(1, 0, $1)', [[]])).rejects.toMatchObject({
      code: '42501',
    });
    const clinic = await plant({});
    for (const [requests, computeMs] of [
      [0, 0],
      [-5, 0],
      [100_001, 0],
      [1, -1],
    ] as const)
      await expect(lease(clinic, requests, computeMs)).rejects.toMatchObject({ code: '22023' });
  });

  it('counts rows and bytes as they come and go', async () => {
    const clinic = await plant({});
    await asClinic(
      db.app,
      clinic,
      (client) =>
        client.query(
          `INSERT INTO clinical.services (name, duration_minutes) SELECT 'x', 1 FROM generate_series(1, 7)`,
        ),
      'COMMIT',
    );
    const full = await usageOf(clinic);
    expect(full).toMatchObject({ rows: 7 });
    expect(full?.storageBytes).toBeGreaterThan(7 * 40);
    await asClinic(db.app, clinic, (client) => client.query('DELETE FROM clinical.services'), 'COMMIT');
    // What is left are the two events that tell of it.
    const left = await usageOf(clinic);
    expect(left).toMatchObject({ rows: 0 });
    expect(left?.storageBytes).toBeGreaterThan(2 * 200);
    expect(left?.storageBytes).toBeLessThan(2 * 1_000);
  });

  it('counts a row that is compressed as it is read back, and events of the application', async () => {
    const clinic = await plant({});
    const inClinic = (sql: string) => asClinic(db.app, clinic, (client) => client.query(sql), 'COMMIT');
    const bytes = async () => Number((await usageOf(clinic))?.storageBytes);
    await inClinic(`INSERT INTO clinical.services (name, duration_minutes) VALUES (repeat('x', 1000000), 1)`);
    expect(await bytes()).toBeGreaterThan(1_000_000);
    await inClinic('UPDATE clinical.services SET duration_minutes = 2');
    expect(await bytes()).toBeLessThan(1_010_000);
    await inClinic('DELETE FROM clinical.services');
    const before = await bytes();
    expect(before).toBeLessThan(3_000);
    await inClinic(
      `SELECT ringfence.audit('print', 'x', to_jsonb(repeat('y', 3000))) FROM generate_series(1, 10)`,
    );
    expect(await bytes()).toBeGreaterThan(before + 10 * 3_000);
  });
});
