import { randomUUID } from 'node:crypto';
import { ensureCell } from '../control-plane/cells/cells-up.js';
import { deployStack } from '../control-plane/engine/run/stack-run.js';
import { openStackDir } from '../control-plane/engine/run/workspace.js';
import { placeTenant } from '../control-plane/placements/place-tenant.js';
import { tenantRun } from '../control-plane/provisioning/tenant-run.js';
import { registerTenant } from '../control-plane/tenants/store.js';
import { parseTenant } from '../manifest/index.js';
import { PROJECT } from '../stacks/names.js';
import { atMost, type Comparison, compare } from './measure.js';
import type { Scene } from './scene.js';

/** The deploy part of `tenants add` against the bare engine: select and `up` of an empty stack. */
export const benchOnboarding = async ({ runtime }: Scene): Promise<Comparison> => {
  const { LocalWorkspace } = await import('@pulumi/pulumi/automation/index.js');
  const runner = await runtime.stackRunner();
  const bare = async () => {
    const stackName = `bare-${randomUUID().slice(0, 8)}`;
    const stack = await LocalWorkspace.createOrSelectStack(
      { stackName, projectName: PROJECT, program: async () => ({}) },
      {
        workDir: openStackDir(runner.workspace, stackName),
        pulumiCommand: runner.command,
        envVars: runner.workspace.env,
      },
    );
    await stack.up();
  };
  const tenantOf = (slug: string) =>
    parseTenant({
      slug,
      legalName: 'Bench',
      type: 'solo',
      admin: { name: 'Ada', email: 'ada@example.com' },
      clinics: [{ slug: 'centro', name: 'Centro', vertical: 'dental' }],
    });
  await ensureCell(runtime, await placeTenant(runtime.control, tenantOf('warm-up')));
  const onboard = async () => {
    const tenant = tenantOf(`t-${randomUUID().slice(0, 8)}`);
    const request = await placeTenant(runtime.control, tenant);
    const cell = await ensureCell(runtime, request);
    const registered = await registerTenant(runtime.control, tenant, cell.name);
    const placements = [{ cell: cell.name, isHome: true }];
    const where = { placements, cellIsUp: true, tenantId: registered.id };
    await deployStack(runner, { ...tenantRun(tenant, where), recover: false });
  };
  return compare(
    'onboarding a shared tenant, deploy part / bare engine',
    { baseline: bare, measured: onboard },
    atMost(1.2),
  );
};
