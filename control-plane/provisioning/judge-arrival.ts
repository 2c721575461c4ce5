import type { LoadedManifest } from '../../manifest/index.js';
import type { Judgement } from '../../policies/judge.js';
import type { CellRequest } from '../cells/cells-up.js';
import { judgeCell } from '../policies/judge-cell.js';
import { judgeStack } from '../policies/judge-stack.js';
import { promisesOfCell, promisesOfTenant } from '../policies/promises.js';
import { refuseViolations } from '../policies/refuse.js';
import type { Runtime } from '../runtime.js';
import type { RegisteredTenant } from '../tenants/store.js';
import { judgeManifest } from './judge-manifest.js';
import { placesOf, tenantRun, tenantStackHash } from './tenant-run.js';

/** A tenant that comes into a further cell. */
interface Arrival {
  readonly registered: RegisteredTenant;
  /** As it will be deployed there. */
  readonly manifest: LoadedManifest;
  /** May not exist yet. */
  readonly cell: CellRequest;
}

/** What the policies say of a cell that a tenant comes into, by the promises to everybody in it, and of the tenant's stack in both. */
const judgeArrival = async (
  runtime: Runtime,
  { registered, manifest, cell }: Arrival,
): Promise<Judgement[]> => {
  const { tenant } = manifest;
  const about = { cell, tenant };
  const ofTenant = await promisesOfTenant(runtime, about);
  const before = placesOf(registered).filter((place) => place.cell !== cell.name);
  const placements = [...before, { cell: cell.name, isHome: before.length === 0 }];
  const run = tenantRun(tenant, { placements, cellIsUp: true, tenantId: registered.id });
  return [
    ...judgeManifest(manifest, ofTenant.exceptions),
    ...(await judgeCell(runtime, { ...cell, arriving: tenant.slug }, await promisesOfCell(runtime, about))),
    ...(await judgeStack(
      runtime,
      { run, exists: (await tenantStackHash(runtime, tenant.slug)) !== '' },
      ofTenant,
    )),
  ];
};

/** @throws RingfenceError `policy_violated`, before anything is made. */
export const refuseArrival = async (runtime: Runtime, arrival: Arrival): Promise<void> =>
  refuseViolations(await judgeArrival(runtime, arrival));
