import {
  hashTenant,
  type LoadedManifest,
  parseTenant,
  RingfenceError,
  type Tenant,
} from '../../manifest/index.js';
import { type Cell, getCell } from '../cells/store.js';
import { deployedManifest } from '../deployments/deployed-manifest.js';
import type { Runtime } from '../runtime.js';
import { getTenant } from '../tenants/store.js';

/** The manifest as it was deployed, without later changes of the file. @throws RingfenceError `conflict`. */
export const manifestOf = async ({ control }: Runtime, slug: string): Promise<LoadedManifest> => {
  const deployed = await deployedManifest(control, slug);
  if (deployed) return deployed;
  throw new RingfenceError('conflict', `tenant ${slug} was deployed before its manifest was kept`, {
    fix: `deploy it once more with \`ringfence tenants apply ${slug}\``,
  });
};

/** What a manifest says of the place of its tenant. */
export interface ManifestPlace {
  readonly tier: Tenant['tier'];
  readonly region?: string;
  readonly cell?: string;
}

/** A manifest that names its cell names the new one; any other one has a tier and a region. */
const placeIn = (
  { cell }: Pick<Tenant, 'cell'>,
  { name, tier, region }: Pick<Cell, 'name' | 'tier' | 'region'>,
): ManifestPlace => (cell === undefined ? { tier, region } : { tier, cell: name });

/** The manifest of a tenant that lives in another cell. @throws RingfenceError `manifest_invalid` where it may not live there. */
export const manifestIn = (
  { path, tenant }: LoadedManifest,
  cell: Pick<Cell, 'name' | 'tier' | 'region'>,
): LoadedManifest => {
  const { region: _region, cell: _cell, tier: _tier, size, ...rest } = tenant;
  // A shared cell's size is its operator's affair.
  const sized = cell.tier === 'dedicated' && size !== undefined ? { size } : {};
  const moved = parseTenant({ ...rest, ...sized, ...placeIn(tenant, cell) });
  return { path, tenant: moved, hash: hashTenant(moved) };
};

/** Where the manifest of a tenant has to say that it lives. */
export const deployedPlace = async (runtime: Runtime, slug: string): Promise<ManifestPlace> => {
  const { tenant } = await manifestOf(runtime, slug);
  const { cell } = await getTenant(runtime.control, slug);
  return placeIn(tenant, await getCell(runtime.control, cell));
};
