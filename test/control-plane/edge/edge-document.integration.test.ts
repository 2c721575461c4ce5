import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { readEdgeDocument } from '../../../control-plane/edge/edge-document.js';
import { edgeConfigView } from '../../../control-plane/edge/views.js';
import { openProject } from '../../../control-plane/project/project.js';
import type { Runtime } from '../../../control-plane/runtime.js';
import type { TenantInput } from '../../../manifest/index.js';
import { useDatabase } from '../../support/cell-database.js';
import { deployedTenant } from './deployed-tenant.js';

const control = useDatabase('control');
const root = mkdtempSync(join(tmpdir(), 'ringfence-edge-'));
afterAll(() => rmSync(root, { recursive: true }));

const runtime = (): Runtime =>
  ({
    project: openProject(root),
    control: control.admin,
    caller: { who: 'ana', door: 'cli', correlationId: randomUUID() },
    now: () => new Date(),
  }) as unknown as Runtime;

const settle = (text: string): void => {
  const path = join(root, 'edge.yaml');
  writeFileSync(path, text);
  utimesSync(path, 1_000, 1_000);
};
const SETTINGS =
  'domain: clinics.example\nrequestCostMicroEur: 3\norigins:\n  one: https://one.cells.example\n';

const deploy = (slug: string, manifest: Partial<TenantInput> = {}, cell = 'one'): Promise<string> =>
  deployedTenant(runtime(), slug, { manifest, cell });

beforeEach(async () => {
  await control.admin.query('TRUNCATE control.cells CASCADE');
  settle(SETTINGS);
});

it('has every active tenant as it was deployed, by plan and manifest', async () => {
  await deploy('uno', {
    plan: 'growth',
    domain: 'citas.uno.example',
    edge: { requestsPerSecond: 200, dailyCostCapEur: 1.5 },
  });
  await deploy('dos', { residency: 'any' });
  const document = await readEdgeDocument(runtime());
  expect(edgeConfigView.parse(document)).toEqual(document);
  expect(document).toEqual({
    version: 1,
    operatorHost: 'edge.clinics.example',
    tenants: [
      expect.objectContaining({
        tenant: 'dos',
        jurisdiction: null,
        limits: expect.objectContaining({
          requestsPerSecond: 10,
          burst: 30,
          requestsPerMinute: 300,
          concurrentUsers: 10,
        }),
      }),
      {
        version: 1,
        tenant: 'uno',
        revision: 2_000,
        hosts: ['uno.clinics.example', 'citas.uno.example'],
        origin: 'https://one.cells.example',
        jurisdiction: 'eu',
        limits: {
          requestsPerSecond: 200,
          burst: 200,
          requestsPerMinute: 1_200,
          concurrentUsers: 50,
          dailyCostCapMicroEur: 1_500_000,
          requestCostMicroEur: 3,
        },
      },
    ],
    closed: [],
  });
});

it('leaves out who is not to be let in, with the reason, and nobody else', async () => {
  const suspended = await deploy('suspended');
  await control.admin.query(`UPDATE control.tenants SET state = 'suspended' WHERE id = $1`, [suspended]);
  await deploy('elsewhere', {}, 'two');
  await deploy('thief', { domain: 'robbed.clinics.example' });
  await deploy('robbed');
  await deploy('edge');
  await deploy('good');
  const { tenants, closed } = await readEdgeDocument(runtime());
  expect(tenants.map(({ tenant }) => tenant)).toEqual(['good']);
  expect(closed).toEqual([
    { tenant: 'edge', reason: "its host edge.clinics.example is another's too" },
    { tenant: 'elsewhere', reason: 'no origin of cell two in edge.yaml' },
    { tenant: 'robbed', reason: "its host robbed.clinics.example is another's too" },
    { tenant: 'suspended', reason: 'it is suspended' },
    { tenant: 'thief', reason: "its host robbed.clinics.example is another's too" },
  ]);
});

it('closes a tenant whose origin is none, and refuses settings that say nothing', async () => {
  await deploy('uno');
  settle(SETTINGS.replace('https://one.cells.example', 'http://one.cells.example'));
  expect((await readEdgeDocument(runtime())).closed).toEqual([
    { tenant: 'uno', reason: expect.stringContaining('is not an origin') },
  ]);
  for (const text of ['', 'domain: 3', 'origins: [', `${SETTINGS}databasePassword: x\n`]) {
    settle(text);
    await expect(readEdgeDocument(runtime())).rejects.toMatchObject({ code: 'config_invalid' });
  }
  rmSync(join(root, 'edge.yaml'));
  await expect(readEdgeDocument(runtime())).rejects.toMatchObject({ code: 'config_invalid' });
});
