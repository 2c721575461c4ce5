import { RingfenceError } from '../../core/errors.js';
import { withConnection } from '../../data-plane/database/connect.js';
import type { Runtime } from '../runtime.js';
import { homeEpochOf, inhabitedCells } from './placements.js';
import type { RegisteredTenant } from './store.js';

/** A cell that lets a tenant in by a later epoch than the control database knows of. */
interface NewerHome {
  readonly cell: string;
  readonly epoch: number;
}

/**
 * The epoch by which a cell lets a tenant in, where that is a later one than `known`: the cell is its home then. An earlier copy of a
 * cell may let it in too, by an earlier one.
 */
export const epochAsHome = async (
  { target }: Pick<Runtime, 'target'>,
  cell: string,
  tenantId: string,
  known: number,
): Promise<number | undefined> =>
  withConnection(await target.adminConnection(cell), async (client) => {
    const { rows } = await client.query<{ epoch: number }>(
      `SELECT epoch FROM ringfence.tenants WHERE id = $1 AND fence <> 'closed' AND epoch > $2`,
      [tenantId, known],
    );
    return rows[0]?.epoch;
  });

/**
 * Asks the cells of a tenant that is in several: an epoch only comes from a switch, so a cell that is open by a later one is the home,
 * and the control database is from before that switch.
 */
export const findNewerHome = async (
  { target }: Pick<Runtime, 'target'>,
  tenant: Pick<RegisteredTenant, 'id' | 'placements'>,
): Promise<NewerHome | undefined> => {
  const [, ...others] = inhabitedCells(tenant);
  for (const cell of others) {
    const epoch = await epochAsHome({ target }, cell, tenant.id, homeEpochOf(tenant));
    if (epoch !== undefined) return { cell, epoch };
  }
  return undefined;
};

/**
 * Comes before what opens or closes a tenant in its home: a cell that has let it go, or never had it, is not the home, whatever a control
 * database from before a move has.
 * @throws RingfenceError `control_outdated`.
 */
export const requireHome = async (
  runtime: Pick<Runtime, 'target'>,
  tenant: Pick<RegisteredTenant, 'id' | 'slug' | 'cell' | 'placements' | 'deployedAt'>,
): Promise<void> => {
  // An old home that is down keeps nobody from closing the tenant in the new one.
  const newer = await findNewerHome(runtime, tenant).catch(() => undefined);
  if (newer) throw outdated(tenant, newer);
  if (tenant.deployedAt === null || (await letsIn(runtime, tenant))) return;
  throw new RingfenceError(
    'control_outdated',
    `cell ${tenant.cell} is not the home of tenant ${tenant.slug} any more: the control database is from before it moved away`,
    { fix: 'have the control database learn where it lives: `ringfence control reconcile`' },
  );
};

const letsIn = async (
  { target }: Pick<Runtime, 'target'>,
  { id, cell }: Pick<RegisteredTenant, 'id' | 'cell'>,
): Promise<boolean> =>
  withConnection(await target.adminConnection(cell), async (client) => {
    const { rowCount } = await client.query(
      `SELECT FROM ringfence.tenants WHERE id = $1 AND fence <> 'closed'`,
      [id],
    );
    return rowCount === 1;
  });

/**
 * Comes before anything that opens a tenant where the control database has its home, or deletes where it has not.
 * @throws RingfenceError `control_outdated`.
 */
export const refuseNewerHome = async (
  runtime: Pick<Runtime, 'target'>,
  tenant: Pick<RegisteredTenant, 'id' | 'slug' | 'placements'>,
): Promise<void> => {
  const newer = await findNewerHome(runtime, tenant);
  if (newer) throw outdated(tenant, newer);
};

const outdated = ({ slug }: Pick<RegisteredTenant, 'slug'>, { cell, epoch }: NewerHome): RingfenceError =>
  new RingfenceError(
    'control_outdated',
    `tenant ${slug} is at home in cell ${cell} by its epoch ${epoch}, and the control database is from before it moved there`,
    { fix: 'have the control database learn that: `ringfence control reconcile`' },
  );
