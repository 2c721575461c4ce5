import { randomUUID } from 'node:crypto';
import { ensureCell } from '../control-plane/cells/cells-up.js';
import type { EngineResource } from '../control-plane/engine/run/previewed-resource.js';
import { previewStack } from '../control-plane/engine/run/stack-run.js';
import { placeTenant } from '../control-plane/placements/place-tenant.js';
import { promisesOfTenant } from '../control-plane/policies/promises.js';
import { previewedSubjects } from '../control-plane/policies/subjects.js';
import { judgeDeployment } from '../control-plane/provisioning/judge-deployment.js';
import { tenantRun } from '../control-plane/provisioning/tenant-run.js';
import { hashTenant, parseTenant } from '../manifest/index.js';
import { judge } from '../policies/judge.js';
import { atMostMoreMs, type Comparison, compare } from './measure.js';
import type { Scene } from './scene.js';

/** A preview of a shared tenant, alone and with every policy: on its program before a deployment, and on the preview. */
export const benchPolicies = async ({ runtime }: Scene): Promise<Comparison> => {
  const runner = await runtime.stackRunner();
  const tenant = parseTenant({
    slug: `p-${randomUUID().slice(0, 8)}`,
    legalName: 'Bench',
    type: 'solo',
    admin: { name: 'Ada', email: 'ada@example.com' },
    clinics: [{ slug: 'centro', name: 'Centro', vertical: 'dental' }],
  });
  const cell = await placeTenant(runtime.control, tenant);
  await ensureCell(runtime, cell);
  const manifest = { path: 'bench', tenant, hash: hashTenant(tenant) };
  const run = {
    ...tenantRun(tenant, { placements: [{ cell: cell.name, isHome: true }], cellIsUp: false }),
    recover: false,
    exists: false,
  };
  return compare(
    'a preview with every policy / without',
    {
      baseline: () => previewStack(runner, run),
      measured: async () => {
        await judgeDeployment(runtime, manifest, {});
        const previewed: EngineResource[] = [];
        await previewStack(runner, { ...run, onResource: (resource) => previewed.push(resource) });
        judge(previewedSubjects(previewed), await promisesOfTenant(runtime, { cell, tenant }));
      },
    },
    atMostMoreMs(1_000),
  );
};
