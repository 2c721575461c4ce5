import type { LoadedManifest } from '../../manifest/index.js';
import type { Judgement } from '../../policies/judge.js';
import { isDeployed } from '../cells/cells-up.js';
import { findCell } from '../cells/store.js';
import { placeTenant } from '../placements/place-tenant.js';
import { judgeCell } from '../policies/judge-cell.js';
import { judgeStack } from '../policies/judge-stack.js';
import { promisesOfCell, promisesOfTenant } from '../policies/promises.js';
import type { Runtime } from '../runtime.js';
import { findTenant } from '../tenants/store.js';
import type { DeploymentOptions } from './deployment.js';
import { judgeManifest } from './judge-manifest.js';
import { placesOf, tenantRun, tenantStackHash } from './tenant-run.js';

/**
 * What the policies say of all that a deployment would make: the manifest, the cell where it is new or changes its size, and the
 * tenant's stack. Programs are judged by what they declare, which takes no engine.
 */
export const judgeDeployment = async (
  runtime: Runtime,
  manifest: LoadedManifest,
  { allowReplace }: Pick<DeploymentOptions, 'allowReplace'>,
): Promise<Judgement[]> => {
  const { tenant } = manifest;
  const request = await placeTenant(runtime.control, tenant);
  const cell = await findCell(runtime.control, request.name);
  const about = { cell: request, tenant, allowReplace };
  const deploysCell =
    !cell ||
    !(await isDeployed(runtime, cell.name)) ||
    (request.size !== undefined && request.size !== cell.size);
  const registered = await findTenant(runtime.control, tenant.slug);
  const places = registered && registered.state !== 'removed' ? placesOf(registered) : [];
  const run = tenantRun(tenant, {
    placements: places.length > 0 ? places : [{ cell: request.name, isHome: true }],
    cellIsUp: true,
    ...(registered ? { tenantId: registered.id } : {}),
  });
  const ofTenant = await promisesOfTenant(runtime, about);
  return [
    ...judgeManifest(manifest, ofTenant.exceptions),
    ...(deploysCell ? await judgeCell(runtime, request, await promisesOfCell(runtime, about)) : []),
    ...(await judgeStack(
      runtime,
      { run, exists: (await tenantStackHash(runtime, tenant.slug)) !== '' },
      ofTenant,
    )),
  ];
};
