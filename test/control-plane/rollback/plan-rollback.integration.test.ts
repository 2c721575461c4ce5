import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { recordDeployment } from '../../../control-plane/deployments/record-deployment.js';
import { wrappedKeys } from '../../../control-plane/keys/store.js';
import { changeMove, flipHome, recordWindow } from '../../../control-plane/moves/store.js';
import { planRollback } from '../../../control-plane/rollback/plan-rollback.js';
import type { Runtime } from '../../../control-plane/runtime.js';
import { getTenant } from '../../../control-plane/tenants/store.js';
import { RingfenceError } from '../../../core/errors.js';
import { parseTenant, type TenantInput } from '../../../manifest/index.js';
import { useDatabase } from '../../support/cell-database.js';
import { smallTenant } from '../../support/cli.js';
import { fencedMove, recordedMove } from '../moves/fenced-move.js';
import { registered } from '../registry.js';

const control = useDatabase('control');
const runtime = {
  get control() {
    return control.admin;
  },
  caller: { who: 'ana', door: 'cli', correlationId: randomUUID() },
} as unknown as Runtime;

const deploy = (
  { id, slug }: { id: string; slug: string },
  more: Partial<TenantInput>,
  { applied = true } = {},
): Promise<unknown> =>
  recordDeployment(
    runtime,
    { tenantId: id },
    { inputs: parseTenant(smallTenant(slug, more)), inputsHash: null },
    async (deployment) => {
      if (!applied) throw new RingfenceError('isolation_violated', 'a leak');
      await deployment.applied();
      return { result: undefined, checkpointHash: '' };
    },
  ).catch(() => undefined);

const newTenant = () => registered(control.admin, `t-${randomUUID().slice(0, 8)}`);

test('what was deployed then is deployed again, and nothing is said to stay where everything comes back', async () => {
  const tenant = await newTenant();
  await deploy(tenant, { legalName: 'Uno' });
  await deploy(tenant, { legalName: 'Dos' });
  await deploy(tenant, { legalName: 'Tres' }, { applied: false });
  const plan = await planRollback(runtime, tenant.slug, 1);
  expect(plan).toMatchObject({ from: 2, to: 1, stays: [], manifest: { tenant: { legalName: 'Uno' } } });
  expect(plan.changes).toEqual([{ path: 'legalName', before: 'Dos', after: 'Uno' }]);
});

test('what was never in force, or was not kept, is refused with those that were', async () => {
  const tenant = await newTenant();
  await deploy(tenant, { legalName: 'Uno' });
  await deploy(tenant, { legalName: 'Dos' }, { applied: false });
  const of = (number: number) => planRollback(runtime, tenant.slug, number);
  await expect(of(2)).rejects.toMatchObject({ code: 'conflict', fix: 'choose from: 1' });
  await expect(of(9)).rejects.toMatchObject({ code: 'deployment_not_found', fix: 'choose from: 2, 1' });
  await control.admin.query(`UPDATE control.deployments SET inputs = '{}' WHERE tenant_id = $1`, [tenant.id]);
  await expect(of(1)).rejects.toMatchObject({
    code: 'conflict',
    fix: expect.stringContaining('tenants apply'),
  });
  await control.admin.query(
    `UPDATE control.deployments SET inputs = '{"slug": "x", "plan": "of old"}' WHERE tenant_id = $1`,
    [tenant.id],
  );
  await expect(of(1)).rejects.toMatchObject({ code: 'manifest_invalid' });
});

test('what cannot come back is named: destroyed keys, ended backups, the customer key, the release', async () => {
  const tenant = await newTenant();
  const customerKey = 'arn:aws:kms:eu-central-1:222222222222:key/5a6d2f0e-6a0f-4a7c-8a53-0f2f6c1d9e11';
  await deploy(tenant, { keys: { customerKey }, backup: { retentionMonths: 24 } });
  await deploy(tenant, {});
  const keys = wrappedKeys(control.admin);
  for (const version of [1, 2])
    await keys.put({
      tenantId: tenant.id,
      version,
      rootKeyId: 'root',
      wrapped: Buffer.from('wrapped'),
      createdAt: new Date(),
      destroyedAt: null,
    });
  await keys.markDestroyed(tenant.id, new Date(), 1);
  await control.admin.query(
    `UPDATE control.deployments SET program_version = 'earlier', toolkit_version = '0.0.9' WHERE tenant_id = $1`,
    [tenant.id],
  );
  const { stays } = await planRollback(runtime, tenant.slug, 1);
  expect(stays).toEqual([
    expect.stringContaining('destroyed keys: version 1;'),
    expect.stringContaining(`the customer's grant: ${customerKey}`),
    expect.stringContaining('backups that have ended since'),
    expect.stringContaining('the release: 0.0.9 deployed it'),
  ]);
});

test('a tenant that has moved stays where it lives, and the way back is named as long as there is one', async () => {
  const move = await fencedMove(control.admin);
  const { slug } = (
    await control.admin.query<{ slug: string }>('SELECT slug FROM control.tenants WHERE id = $1', [
      move.tenantId,
    ])
  ).rows[0] ?? { slug: '' };
  const tenant = { id: move.tenantId, slug };
  await deploy(tenant, { region: 'eu-central-1' });
  await expect(planRollback(runtime, slug, 1)).rejects.toMatchObject({ code: 'conflict' });
  await flipHome(control.admin, move, 2);
  await changeMove(control.admin, move, 'flipped', { state: 'open' });
  await recordWindow(control.admin, await recordedMove(control.admin, move.id), new Date());
  const { manifest, stays } = await planRollback(runtime, slug, 1);
  expect(manifest.tenant.region).toBe('eu-west-1');
  expect(stays).toEqual([
    expect.stringMatching(
      `the place: it was shared in eu-central-1, .*cell two .*moves nobody. .*operations rollback ${move.id}.* brings it back to cell one`,
    ),
  ]);
  await control.admin.query(`UPDATE control.moves SET state = 'purged' WHERE id = $1`, [move.id]);
  await control.admin.query(
    `UPDATE control.placements SET state = 'left' WHERE tenant_id = $1 AND cell = 'one'`,
    [move.tenantId],
  );
  expect((await getTenant(control.admin, slug)).cell).toBe('two');
  const { stays: later } = await planRollback(runtime, slug, 1);
  expect(later).toEqual([expect.stringContaining('its rows in one are deleted: `ringfence tenants move`')]);
});
