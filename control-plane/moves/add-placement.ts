import { type LoadedManifest, RingfenceError } from '../../manifest/index.js';
import { ensureCell } from '../cells/cells-up.js';
import { mendCell } from '../cells/repair-cell.js';
import { type Cell, getCell } from '../cells/store.js';
import { withPlaces } from '../cells/with-places.js';
import { refuseKeysAbroad } from '../keys/refuse-keys-abroad.js';
import { runOperation } from '../operation/run-operation.js';
import type { OperationTable } from '../operation/step.js';
import { refuseOutside, requireRoom } from '../placements/room.js';
import { refuseArrival } from '../provisioning/judge-arrival.js';
import { redeploy } from '../provisioning/redeploy.js';
import type { Runtime } from '../runtime.js';
import { refuseOpenErasure } from '../tenants/open-erasure.js';
import { inhabitedCells, recordPlacement, takeBackPlacement } from '../tenants/placements.js';
import { getTenant, type RegisteredTenant } from '../tenants/store.js';
import { withTenant } from '../tenants/tenant-lock.js';
import { manifestOf } from './moved-manifest.js';

interface Request {
  readonly slug: string;
  readonly cell: string;
}

interface Adding {
  readonly tenant: RegisteredTenant;
  readonly manifest: LoadedManifest;
  readonly cell: Cell;
}

export const ADD_PLACEMENT: OperationTable<Request, Adding> = {
  kind: 'add-placement',
  prepare: {
    run: async (runtime, { slug, cell: name }) => {
      const { control } = runtime;
      await refuseOpenErasure(control, slug);
      const tenant = await getTenant(control, slug);
      const manifest = await manifestOf(runtime, slug);
      const cell = await getCell(control, name);
      refuseHome(tenant, name);
      refuseOutside(manifest.tenant, cell);
      if (cell.port !== null) await refuseKeysAbroad(runtime, manifest.tenant, [name]);
      const { tier, region } = cell;
      await refuseArrival(runtime, { registered: tenant, manifest, cell: { name, tier, region } });
      return { tenant, manifest, cell };
    },
  },
  steps: [
    {
      name: 'cell',
      run: async (runtime, { cell, manifest }) => {
        await ensureCell(runtime, { name: cell.name, tier: cell.tier, region: cell.region });
        await refuseKeysAbroad(runtime, manifest.tenant, [cell.name]);
        await mendCell(runtime, cell.name, () => undefined);
      },
      // The cell stays: it was there before, or takes other tenants.
      undo: async () => undefined,
    },
    {
      name: 'record',
      run: ({ control }, { tenant, manifest, cell }, { id }) =>
        withPlaces(control, async () => {
          if (!inhabitedCells(tenant).includes(cell.name)) await requireRoom(control, manifest.tenant, cell);
          await recordPlacement(control, tenant.id, cell.name, 'arriving', id);
        }),
      undo: ({ control }, { operation }) => takeBackPlacement(control, operation),
    },
    {
      name: 'deploy',
      points: ['tenant-key-created', 'tenant-enrolled', 'quota-set'],
      run: async (runtime, { tenant, manifest }, { id }) =>
        redeploy(runtime, await getTenant(runtime.control, tenant.slug), manifest, id),
    },
  ],
};

/**
 * Makes a further cell ready for a tenant, whose home stays the same. Wraps its key under that cell's root and enrols it
 * there, closed and without rows. A move begins with this.
 * @throws RingfenceError `cell_not_found`; `policy_violated` before anything is made; `conflict` for its home, for a cell outside its residency, and for one without
 * room.
 */
export const addPlacement = (
  runtime: Runtime,
  request: Request,
  onStep?: (step: string) => void,
): Promise<RegisteredTenant> =>
  withTenant(runtime, request.slug, async () => {
    await runOperation(runtime, ADD_PLACEMENT, request, onStep);
    return getTenant(runtime.control, request.slug);
  });

const refuseHome = ({ slug, cell }: RegisteredTenant, name: string): void => {
  if (name !== cell) return;
  throw new RingfenceError('conflict', `tenant ${slug} is at home in cell ${cell}`, {
    fix: 'name another cell: see `ringfence cells list`',
  });
};
