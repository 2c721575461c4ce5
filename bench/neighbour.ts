import { setTimeout as pause } from 'node:timers/promises';
import { withConnection } from '../data-plane/database/connect.js';
import { type Application, openApplication } from './application.js';
import { type BenchTenant, plantTenants } from './cell.js';
import { atMost, type Comparison, compare } from './measure.js';
import type { Scene } from './scene.js';

const QUIET = 4;
const MEASURED_MS = 1_500;
const PAUSE_MS = 5;
const READ = 'SELECT * FROM clinical.services WHERE id = $1';

/** What a hostile tenant does again and again, so many at once. */
interface Hostility {
  readonly name: string;
  readonly atOnce: number;
  readonly act: (hostile: Hostile) => Promise<unknown>;
}

interface Hostile {
  readonly access: Application['access'];
  readonly token: string;
  readonly tenant: BenchTenant;
}

const HOSTILITIES: readonly Hostility[] = [
  {
    name: 'long queries',
    atOnce: 20,
    act: ({ access, token, tenant }) =>
      access.query(token, tenant.clinicId, 'SELECT count(*) FROM generate_series(1, 1e9::bigint)', [], {
        timeoutMs: 500,
      }),
  },
  {
    name: 'a lock storm',
    atOnce: 50,
    act: ({ access, token, tenant }) =>
      access.run(token, tenant.clinicId, async (db) => {
        await db.query('SELECT FROM clinical.services FOR UPDATE');
        await pause(20);
      }),
  },
  {
    name: 'a flood of connections',
    atOnce: 500,
    act: ({ access, token, tenant }) => access.query(token, tenant.clinicId, READ, [tenant.serviceIds[0]]),
  },
  {
    name: 'a quota that is used up',
    atOnce: 50,
    act: ({ access, token, tenant }) =>
      access.query(
        token,
        tenant.clinicId,
        `INSERT INTO clinical.services (name, duration_minutes) VALUES ('one too many', 30)`,
      ),
  },
];

/**
 * The slowest hundredth of the point reads of four tenants that pause between two reads, beside a hostile tenant and
 * without it, on two cores. All of them are served by one application process, hostile or not.
 */
export const benchNeighbour = async (scene: Scene): Promise<Comparison[]> => {
  const cell = await scene.cell();
  const tenants = await plantTenants(cell.admin, QUIET + 1, 200);
  const [hostile, ...quiet] = tenants as [BenchTenant, ...BenchTenant[]];
  await withConnection(cell.admin, (client) =>
    client.query(
      `INSERT INTO ringfence.quotas VALUES ($1, 100, 60000, 1e12::bigint, 200, 1000000, 1000, 86400, 1000)`,
      [hostile.tenantId],
    ),
  );
  const { access, token } = openApplication(cell, tenants);
  const signed = quiet.map((tenant) => ({ ...tenant, token: token(tenant) }));
  const quietP99Ms = async (): Promise<number> => {
    const tookMs: number[] = [];
    const endsAtMs = performance.now() + MEASURED_MS;
    const reads = async ({ token, clinicId, serviceIds }: (typeof signed)[0]): Promise<void> => {
      for (let n = 0; performance.now() < endsAtMs; n++) {
        const startedMs = performance.now();
        await access.query(token, clinicId, READ, [serviceIds[n % serviceIds.length]]);
        tookMs.push(performance.now() - startedMs);
        await pause(PAUSE_MS);
      }
    };
    await Promise.all(signed.map(reads));
    return tookMs.sort((a, b) => a - b)[Math.floor(tookMs.length * 0.99)] ?? Number.NaN;
  };
  const beside =
    ({ atOnce, act }: Hostility) =>
    async (): Promise<number> => {
      let isOver = false;
      const attack = async (): Promise<void> => {
        while (!isOver) {
          await act({ access, token: attacker, tenant: hostile }).catch(() => undefined);
          await pause(0);
        }
      };
      const attacks = Array.from({ length: atOnce }, attack);
      const p99Ms = await quietP99Ms();
      isOver = true;
      await Promise.all(attacks);
      return p99Ms;
    };
  const attacker = token(hostile);
  try {
    const results: Comparison[] = [];
    for (const hostility of HOSTILITIES)
      results.push(
        await compare(
          `p99 of quiet tenants beside ${hostility.name} / alone`,
          { baseline: quietP99Ms, measured: beside(hostility) },
          atMost(2),
        ),
      );
    return results;
  } finally {
    await access.close();
  }
};
