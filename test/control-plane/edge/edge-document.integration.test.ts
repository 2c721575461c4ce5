import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { readClaimedHosts, readEdgeDocument } from '../../../control-plane/edge/edge-document.js';
import { edgeConfigView } from '../../../control-plane/edge/views.js';
import { openProject } from '../../../control-plane/project/project.js';
import type { Runtime } from '../../../control-plane/runtime.js';
import type { TenantInput } from '../../../manifest/index.js';
import { storedEntries } from '../../../targets/edge/document/edge-document.js';
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

it('takes no file for later than it is now', async () => {
  await deploy('uno');
  const path = join(root, 'edge.yaml');
  utimesSync(path, 4_000_000_000, 4_000_000_000);
  const [entry] = (await readEdgeDocument(runtime())).tenants;
  expect(entry?.revision).toBeLessThanOrEqual(Date.now() / 1_000);
  utimesSync(path, 3_000, 3_000);
  expect((await readEdgeDocument(runtime())).tenants).toEqual([expect.objectContaining({ revision: 3_000 })]);
});

it('leaves out who is not to be let in, with the reason, and nobody else', async () => {
  const suspended = await deploy('suspended', { domain: 'citas.example' });
  await control.admin.query(`UPDATE control.tenants SET state = 'suspended' WHERE id = $1`, [suspended]);
  await deploy('elsewhere', {}, 'two');
  await deploy('thief', { domain: 'robbed.clinics.example' });
  await deploy('robbed');
  await deploy('edge');
  await deploy('good');
  const { tenants, closed } = await readEdgeDocument(runtime());
  expect(tenants.map(({ tenant }) => tenant)).toEqual(['good']);
  expect(closed).toEqual([
    { tenant: 'edge', reason: "its host edge.clinics.example is another's too", hosts: [] },
    {
      tenant: 'elsewhere',
      reason: 'no origin of cell two in edge.yaml',
      hosts: ['elsewhere.clinics.example'],
    },
    { tenant: 'robbed', reason: "its host robbed.clinics.example is another's too", hosts: [] },
    {
      tenant: 'suspended',
      reason: 'it is suspended',
      hosts: ['suspended.clinics.example', 'citas.example'],
    },
    { tenant: 'thief', reason: "its host robbed.clinics.example is another's too", hosts: [] },
  ]);
});

it('keeps the hosts of a tenant that is closed for now, and of none that is gone', async () => {
  const id = await deploy('uno', { domain: 'citas.uno.example' });
  const hostsIn = async (state: string) => {
    await control.admin.query('UPDATE control.tenants SET state = $2 WHERE id = $1', [id, state]);
    const document = await readEdgeDocument(runtime());
    expect(document.tenants).toEqual([]);
    return [...storedEntries(document).entries()].map(([host, text]) => [host, JSON.parse(text)]);
  };
  const entry = {
    ...{ version: 1, tenant: 'uno', closed: true },
    hosts: ['uno.clinics.example', 'citas.uno.example'],
  };
  const kept = [
    ['uno.clinics.example', entry],
    ['citas.uno.example', entry],
  ];
  expect(await hostsIn('suspended')).toEqual(kept);
  expect(await hostsIn('removing')).toEqual(kept);
  expect(await hostsIn('removed')).toEqual([]);
  await deploy('rival', { domain: 'citas.uno.example' });
  await control.admin.query(`UPDATE control.tenants SET state = 'suspended' WHERE id = $1`, [id]);
  const { shared } = await readClaimedHosts(runtime());
  expect(shared).toEqual([{ host: 'citas.uno.example', claimants: ['rival', 'uno'] }]);
});

it.each([
  ['the domain of the edge itself', 'clinics.example'],
  ['a host below it, of nobody yet', 'later.clinics.example'],
  ['the host of reports', 'edge.clinics.example'],
  ['the origin of a cell', 'one.cells.example'],
])('gives no tenant %s', async (_, domain) => {
  await deploy('thief', { domain });
  await deploy('good', { domain: 'good.clinics.example' });
  const { document, shared } = await readClaimedHosts(runtime());
  expect(shared).toEqual([{ host: domain, claimants: ['the operator', 'thief'] }]);
  expect(document.tenants).toEqual([expect.objectContaining({ hosts: ['good.clinics.example'] })]);
});

it('refuses settings that would close every tenant, or say nothing', async () => {
  await deploy('uno');
  const wrong = [
    SETTINGS.replace('https://one.cells.example', 'http://one.cells.example'),
    SETTINGS.replace('clinics.example', 'Clinics.Example'),
    SETTINGS.replace('clinics.example', 'clinics.example.'),
    `${SETTINGS}operatorHost: Edge.clinics.example\n`,
  ];
  for (const text of [...wrong, '', 'domain: 3', 'origins: [', `${SETTINGS}databasePassword: x\n`]) {
    settle(text);
    await expect(readEdgeDocument(runtime())).rejects.toMatchObject({ code: 'config_invalid' });
  }
  rmSync(join(root, 'edge.yaml'));
  await expect(readEdgeDocument(runtime())).rejects.toMatchObject({ code: 'config_invalid' });
});
