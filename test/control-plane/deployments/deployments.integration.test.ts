import { expect, it } from 'vitest';
import { deployedManifest } from '../../../control-plane/deployments/deployed-manifest.js';
import { diffManifests } from '../../../control-plane/deployments/diff-manifests.js';
import {
  compareDeployments,
  deploymentOf,
  deploymentsOf,
  showDeployment,
} from '../../../control-plane/deployments/list-deployments.js';
import { recordDeployment } from '../../../control-plane/deployments/record-deployment.js';
import {
  beginDeployment,
  endDeployment,
  lastApplied,
  listDeployments,
  recordApplied,
} from '../../../control-plane/deployments/store.js';
import type { Runtime } from '../../../control-plane/runtime.js';
import { findTenant, forgetTenant } from '../../../control-plane/tenants/store.js';
import { RingfenceError } from '../../../core/errors.js';
import { parseTenant } from '../../../manifest/index.js';
import { useDatabase } from '../../support/cell-database.js';
import { smallTenant } from '../../support/cli.js';

const CORRELATION = '5a6d2f0e-6a0f-4a7c-8a53-0f2f6c1d9e11';
const control = useDatabase('control');
const runtime = {
  get control() {
    return control.admin;
  },
  caller: { who: 'ana', door: 'cli', correlationId: CORRELATION },
} as unknown as Runtime;

const register = async (slug: string): Promise<string> => {
  await control.admin.query(
    `INSERT INTO control.cells (name, tier, region, target) VALUES ('one', 'shared', 'eu-central-1', 'local') ON CONFLICT DO NOTHING`,
  );
  const { rows } = await control.admin.query<{ id: string }>(
    `WITH placed AS (
       INSERT INTO control.tenants (slug, cell, tier, state, legal_name, plan)
       VALUES ($1, 'one', 'shared', 'active', $1, 'starter') RETURNING id, cell)
     INSERT INTO control.placements (tenant_id, cell, epoch, state) SELECT id, cell, 1, 'home' FROM placed RETURNING tenant_id AS id`,
    [slug],
  );
  return rows[0]?.id ?? '';
};
const deploy = (tenantId: string, slug: string, legalName: string, fails = false) =>
  recordDeployment(
    runtime,
    { tenantId },
    { inputs: parseTenant(smallTenant(slug, { legalName })), inputsHash: legalName, why: 'asked for' },
    async (deployment) => {
      if (fails) throw new RingfenceError('isolation_violated', 'a leak');
      await deployment.applied();
      return { result: deployment.number, checkpointHash: `knows ${legalName}` };
    },
  );

it('numbers what a tenant was deployed as, with who, why and what became of it', async () => {
  const tenantId = await register('uno');
  expect(await deploy(tenantId, 'uno', 'First')).toBe(1);
  await expect(deploy(tenantId, 'uno', 'Second', true)).rejects.toThrow('a leak');
  expect(await deploy(tenantId, 'uno', 'Third')).toBe(3);
  const deployments = await listDeployments(control.admin, { tenantId });
  expect(deployments.map(({ number, outcome, errorCode }) => [number, outcome, errorCode])).toEqual([
    [3, 'done', null],
    [2, 'failed', 'isolation_violated'],
    [1, 'done', null],
  ]);
  expect(deployments[0]).toMatchObject({
    who: 'ana',
    correlationId: CORRELATION,
    door: 'cli',
    why: 'asked for',
    toolkitVersion: '0.1.0',
  });
  expect(await findTenant(control.admin, 'uno')).toMatchObject({
    deployment: 3,
    inputsHash: 'Third',
    stackHash: 'knows Third',
  });
  expect(diffManifests(deploymentOf(deployments, 1).inputs, deploymentOf(deployments, 3).inputs)).toEqual([
    { path: 'legalName', before: 'First', after: 'Third' },
  ]);
  expect(() => deploymentOf(deployments, 7)).toThrow('there is no deployment 7');
});

it('knows what a tenant is deployed as from what was applied last, and that a killed one came to no end', async () => {
  const tenantId = await register('dos');
  expect(await deployedManifest(control.admin, 'dos')).toBeUndefined();
  await deploy(tenantId, 'dos', 'Applied');
  await beginDeployment(
    control.admin,
    { tenantId },
    {
      inputs: parseTenant(smallTenant('dos', { legalName: 'Killed' })),
      inputsHash: null,
      programVersion: null,
      toolkitVersion: null,
      who: 'ana',
      door: 'cli',
      correlationId: CORRELATION,
      why: null,
      operation: null,
    },
  );
  expect((await deployedManifest(control.admin, 'dos'))?.tenant.legalName).toBe('Applied');
  await deploy(tenantId, 'dos', 'Next');
  const deployments = await listDeployments(control.admin, { tenantId });
  expect(deployments.map(({ outcome }) => outcome)).toEqual(['done', 'abandoned', 'done']);
});

it('forgets them with the tenant, and counts those of a cell apart', async () => {
  const tenantId = await register('tres');
  await deploy(tenantId, 'tres', 'Only');
  const inCell = await recordDeployment(
    runtime,
    { cell: 'one' },
    { inputs: { tier: 'shared' }, inputsHash: null },
    async ({ number }) => ({ result: number, checkpointHash: 'x' }),
  );
  expect(inCell).toBe(1);
  const client = await control.admin.connect();
  await forgetTenant(client, tenantId);
  client.release();
  expect(await listDeployments(control.admin, { tenantId })).toEqual([]);
  expect(await listDeployments(control.admin, { cell: 'one' })).toHaveLength(1);
});

it('are compared, the newest with the one before it, and of an owner that was never deployed told so', async () => {
  await expect(deploymentsOf(runtime, { cell: 'never' })).rejects.toMatchObject({
    code: 'deployment_not_found',
    message: 'cell never was never deployed',
  });
  const tenantId = await register('cuatro');
  await expect(showDeployment(runtime, { tenant: 'cuatro' })).rejects.toMatchObject({
    code: 'deployment_not_found',
    fix: 'deploy it with `ringfence tenants apply`',
  });
  for (const name of ['First', 'Second', 'Third']) await deploy(tenantId, 'cuatro', name);
  expect(await showDeployment(runtime, { tenant: 'cuatro' })).toMatchObject({ number: 3 });
  expect(await compareDeployments(runtime, { tenant: 'cuatro' }, {})).toEqual({
    from: 2,
    to: 3,
    changes: [{ path: 'legalName', before: 'Second', after: 'Third' }],
  });
  expect(await compareDeployments(runtime, { tenant: 'cuatro' }, { from: 1, to: 2 })).toMatchObject({
    changes: [{ before: 'First', after: 'Second' }],
  });
});

it('that failed after the engine had applied it is what there is', async () => {
  const subject = { tenantId: await register('cinco') };
  const number = await beginDeployment(control.admin, subject, {
    inputs: {},
    inputsHash: 'h',
    programVersion: null,
    toolkitVersion: null,
    who: 'ana',
    door: 'cli',
    correlationId: null,
    why: null,
    operation: null,
  });
  expect(await lastApplied(control.admin, subject)).toBeUndefined();
  await recordApplied(control.admin, subject, number);
  await endDeployment(control.admin, subject, number, { outcome: 'failed', errorCode: 'internal' });
  expect(await lastApplied(control.admin, subject)).toMatchObject({
    number,
    outcome: 'failed',
    errorCode: 'internal',
    appliedAt: expect.any(Date),
    endedAt: expect.any(Date),
  });
});
