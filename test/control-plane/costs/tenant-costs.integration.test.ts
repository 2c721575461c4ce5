import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { recordCell } from '../../../control-plane/cells/store.js';
import { NO_COST_CHANGE, planCostChange } from '../../../control-plane/costs/cost-change.js';
import { type CostReport, tenantCosts } from '../../../control-plane/costs/tenant-costs.js';
import { costsView } from '../../../control-plane/costs/views.js';
import { openProject } from '../../../control-plane/project/project.js';
import type { Runtime } from '../../../control-plane/runtime.js';
import { registerTenant } from '../../../control-plane/tenants/store.js';
import { RingfenceError } from '../../../core/errors.js';
import type { Whereabouts } from '../../../core/whereabouts.js';
import { parseTenant } from '../../../manifest/index.js';
import { DEFAULT_PLACE } from '../../../targets/index.js';
import { madeInAws } from '../../support/aws/cell-inputs.js';
import { useDatabase } from '../../support/cell-database.js';
import { smallTenant } from '../../support/cli.js';
import { testPrices } from './table.js';

const CELL = 'shared-eu-west-1';
const BUCKET = 's3://backups/all';
/** 36.5 of the instance, 5 of its storage, 1 of its keys. */
const CELL_MICRO_EUR = 42_500_000;

const NEW = { name: 'new', region: 'eu-west-1', place: madeInAws() } as const;

describe('The costs of tenants', () => {
  const control = useDatabase('control');
  const cellDatabase = useDatabase();
  const root = mkdtempSync(join(tmpdir(), 'ringfence-costs-'));
  afterAll(() => rmSync(root, { recursive: true }));

  let state = 'running';
  let isRefused = false;
  let whereabouts: Whereabouts[] = [];
  const runtime = (): Runtime =>
    ({
      project: openProject(root),
      control: control.admin,
      target: {
        server: async () => ({ state: async () => state }),
        adminConnection: async () => {
          if (isRefused) throw new RingfenceError('database_auth_failed', 'refused');
          return cellDatabase.connection;
        },
        objects: { whereabouts: async () => whereabouts },
      },
      now: () => new Date('2026-11-27T12:00:00Z'),
    }) as unknown as Runtime;
  const costs = async (
    slug?: string,
  ): Promise<CostReport & { of(tenant: string): number | null | undefined }> => {
    const report = await tenantCosts(runtime(), slug);
    costsView.parse(report);
    for (const { cell, atLeastMicroEur, unassignedMicroEur } of report.cells) {
      const shares = report.tenants.flatMap(({ cells }) => cells.filter((share) => share.cell === cell));
      const assigned = shares.reduce((sum, share) => sum + share.atLeastMicroEur, 0);
      if (slug === undefined) expect(assigned + unassignedMicroEur).toBe(atLeastMicroEur);
    }
    return { ...report, of: (tenant) => report.tenants.find((one) => one.tenant === tenant)?.microEur };
  };

  const ids = new Map<string, string>();
  const use = async (slug: string, requests: number, computeMs: number): Promise<void> => {
    for (const [what, used] of [
      ['monthRequests', requests],
      ['monthComputeMs', computeMs],
    ] as const)
      await cellDatabase.admin.query(
        `INSERT INTO ringfence_private.usage VALUES ($1, $2, date_trunc('month', now(), 'UTC'), $3)`,
        [ids.get(slug), what, used],
      );
  };
  const backUp = (slug: string, sizeBytes: number, removedAt: Date | null = null) =>
    control.admin.query(
      `INSERT INTO control.backups (id, tenant_id, cell, key_version, place, object_key, state, size_bytes, removed_at)
       VALUES ($1, $2, $3, 1, $4, $5, 'verified', $6, $7)`,
      [randomUUID(), ids.get(slug), CELL, BUCKET, randomUUID(), sizeBytes, removedAt],
    );

  beforeAll(async () => {
    writeFileSync(join(root, 'prices.json'), JSON.stringify(testPrices));
    await recordCell(control.admin, {
      name: CELL,
      tier: 'shared',
      region: 'eu-west-1',
      ...NEW.place,
    });
    await control.admin.query('UPDATE control.cells SET port = 5432');
    for (const slug of ['aurora', 'mar', 'nueva']) {
      const { id } = await registerTenant(control.admin, parseTenant(smallTenant(slug)), CELL);
      ids.set(slug, id);
      await cellDatabase.admin.query(
        `INSERT INTO ringfence.tenants (id, slug, state, login_role) VALUES ($1, $2, 'active', $3)`,
        [id, slug, `rf_t_${slug}`],
      );
    }
  });
  beforeEach(() => {
    state = 'running';
    isRefused = false;
    whereabouts = [{ what: 'bucket backups', answer: 'region', region: 'eu-west-1', evidence: 'said' }];
  });

  it('of a shared cell nobody has used are the same for all, to the last millionth', async () => {
    const { tenants, cells } = await costs();
    expect(cells).toMatchObject([
      { cell: CELL, tenants: 3, microEur: CELL_MICRO_EUR, unassignedMicroEur: 0, size: 'small' },
    ]);
    expect(tenants.map(({ microEur, cells: [share] }) => [microEur, share?.by])).toEqual([
      [14_166_667, 'evenly'],
      [14_166_667, 'evenly'],
      [14_166_666, 'evenly'],
    ]);
  });

  it('are by metered use, at the prices with which the cell counts towards the cost cap', async () => {
    await use('aurora', 1_000, 3_600_000);
    await use('mar', 500_000, 5_400_000);
    const { tenants, of } = await costs();
    // 0.0006 + 0.12 against 0.3 + 0.18 EUR.
    expect([of('aurora'), of('mar'), of('nueva')]).toEqual([8_533_966, 33_966_034, 0]);
    const { rows } = await cellDatabase.admin.query(
      'SELECT ringfence_private.month_cost_eur($1, now())::float8 AS eur',
      [ids.get('mar')],
    );
    expect(tenants[1]?.cells[0]).toMatchObject({
      by: 'use',
      metered: { requests: 500_000, computeMs: 5_400_000, storageBytes: 0, eur: rows[0].eur },
    });
  });

  it('have what backups take, where their bucket says that it is, until they are removed', async () => {
    await backUp('nueva', 3 * 1_024 ** 3);
    await backUp('nueva', 7 * 1_024 ** 3);
    await backUp('nueva', 99 * 1_024 ** 3, new Date());
    expect((await costs()).of('nueva')).toBe(200_000);
    whereabouts = [
      ...whereabouts,
      { what: 'its copy', answer: 'region', region: 'eu-moon-1', evidence: 'said' },
    ];
    const { tenants } = await costs('nueva');
    expect(tenants).toHaveLength(1);
    expect(tenants[0]).toMatchObject({ microEur: null, atLeastMicroEur: 200_000 });
    expect(tenants[0]?.backups.lines[1]?.basis).toContain('has no objectGbMonth in eu-moon-1');
    whereabouts = [{ what: BUCKET, answer: 'unknown', evidence: 'silence' }];
    expect((await costs('nueva')).of('nueva')).toBeNull();
    whereabouts = [{ what: 'folder', answer: 'here', evidence: 'said' }];
    expect((await costs('nueva')).of('nueva')).toBe(0);
  });

  it('cannot be told while the cell’s use cannot be read, and its cost is then nobody’s', async () => {
    isRefused = true;
    expect((await costs()).cells).toMatchObject([{ unassignedMicroEur: CELL_MICRO_EUR }]);
    state = 'unreachable';
    const { tenants, cells } = await costs();
    expect(cells).toMatchObject([{ microEur: CELL_MICRO_EUR, unassignedMicroEur: CELL_MICRO_EUR }]);
    expect(tenants.map(({ microEur, cells: [share] }) => [microEur, share?.by, share?.metered])).toEqual(
      tenants.map(() => [null, 'unknown', null]),
    );
  });

  it('are what the operator has said of the cell, and of an unknown tenant none', async () => {
    await cellDatabase.admin.query(`INSERT INTO ringfence.prices VALUES ('cellMonth.small', 10)`);
    const { cells, of } = await costs();
    expect(cells[0]?.lines).toMatchObject([{ what: 'cell of size small', microEur: 10_000_000 }]);
    expect(Number(of('aurora')) + Number(of('mar'))).toBe(10_000_000);
    await expect(costs('nadie')).rejects.toMatchObject({ code: 'tenant_not_found' });
  });

  it('are previewed: what a cell adds, what another size changes, nothing for what stays', async () => {
    const change = (request: Parameters<typeof planCostChange>[1]) => planCostChange(runtime(), request);
    expect(await change({ name: CELL, region: 'eu-west-1' })).toEqual(NO_COST_CHANGE);
    const { place } = NEW;
    expect(await change({ ...NEW })).toMatchObject({ microEur: CELL_MICRO_EUR, removed: [] });
    const copies = { ...place.address.infrastructure, copiesIn: 'eu-west-3' };
    const abroad = { ...place, address: { ...place.address, infrastructure: copies } };
    expect((await change({ ...NEW, place: abroad })).microEur).toBeNull();
    expect(await change({ name: 'here', region: 'eu-west-1' })).toMatchObject({ microEur: 0 });
    await recordCell(control.admin, { name: 'here', tier: 'shared', region: 'eu-west-1', ...DEFAULT_PLACE });
    await control.admin.query(`UPDATE control.cells SET port = 5432 WHERE name = 'here'`);
    const larger = { name: 'here', region: 'eu-west-1', size: 'large' } as const;
    expect((await change(larger)).microEur).toBeNull();
    await cellDatabase.admin.query(`INSERT INTO ringfence.prices VALUES ('cellMonth.large', 90)`);
    expect(await change(larger)).toMatchObject({ microEur: 80_000_000 });
  });
});
