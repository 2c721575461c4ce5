import { isUp } from '../cells/cells-up.js';
import { NO_DRIFT } from '../cells/repair-cell.js';
import { getCell } from '../cells/store.js';
import { deployedManifest } from '../deployments/deployed-manifest.js';
import { isOfOtherProgram } from '../deployments/program-version.js';
import { lastApplied } from '../deployments/store.js';
import { failureOf } from '../operation/failure.js';
import { previewTenant } from '../previews/preview-tenant.js';
import { tenantStackHash } from '../provisioning/tenant-run.js';
import type { Runtime } from '../runtime.js';
import { inhabitedCells } from '../tenants/placements.js';
import type { RegisteredTenant } from '../tenants/store.js';
import { differencesIn } from './changes.js';
import { type Difference, type Drift, driftOf } from './drift.js';

/**
 * Compares the real resources of a tenant with its last deployment, not with its manifest: what a manifest says now is a change, and
 * no drift. Changes nothing, starts nothing.
 */
export const driftOfTenant = async (runtime: Runtime, tenant: RegisteredTenant): Promise<Drift> => {
  const cannotTell = await whatHides(runtime, tenant).catch((thrown: unknown) => [
    saying(thrown, tenant.slug),
  ]);
  if (cannotTell.length > 0) return driftOf('tenant', tenant.slug, { differences: [], cannotTell });
  let differences: Difference[] = [];
  try {
    differences = await compare(runtime, tenant);
  } catch (thrown) {
    cannotTell.push(saying(thrown, tenant.slug));
  }
  return driftOf('tenant', tenant.slug, { differences, cannotTell });
};

const compare = async (runtime: Runtime, { slug }: RegisteredTenant): Promise<Difference[]> => {
  const manifest = await deployedManifest(runtime.control, slug);
  if (!manifest) return [];
  // Its cell is a subject of its own, and is not looked at once more for each of its tenants.
  const { changes } = await previewTenant(runtime, manifest, { refresh: true, drift: NO_DRIFT });
  return differencesIn(changes);
};

/** Reasons for which a comparison would show something else than drift, or nothing. */
const whatHides = async (runtime: Runtime, tenant: RegisteredTenant): Promise<string[]> => {
  const { id, slug, state } = tenant;
  const apply = `\`ringfence tenants apply ${slug}\``;
  if (state !== 'active' && state !== 'suspended')
    return [`it is ${state}: a deployment or a removal was broken off`];
  const deployment = await lastApplied(runtime.control, { tenantId: id });
  if (!deployment || Object.keys(deployment.inputs).length === 0)
    return [`what it was deployed as was not kept: ${apply} does so`];
  if (isOfOtherProgram(deployment.programVersion))
    return [
      `release ${deployment.toolkitVersion ?? 'unknown'} deployed it, and this one would change it: ${apply}`,
    ];
  if ((await tenantStackHash(runtime, slug)) === '')
    return [`the engine has lost what it knew of it: ${apply} adopts what is there`];
  const down = [];
  for (const cell of inhabitedCells(tenant))
    if (!(await isUp(runtime, await getCell(runtime.control, cell))))
      down.push(`the server of cell ${cell} does not run`);
  return down;
};

const saying = (thrown: unknown, slug: string): string => {
  const { code, message } = failureOf(thrown, `tenant ${slug}`);
  return `[${code}] ${message}`;
};
