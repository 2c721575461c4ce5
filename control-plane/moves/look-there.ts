import { withConnection } from '../../data-plane/database/connect.js';
import type { Runtime } from '../runtime.js';
import { epochAsHome } from '../tenants/newer-home.js';
import { homeEpoch, type Move } from './store.js';

/** The epoch by which the destination is the tenant's home; undefined where it is not. */
export const epochThere = async (
  { control, target }: Runtime,
  { tenantId, destination }: Pick<Move, 'tenantId' | 'destination'>,
): Promise<number | undefined> =>
  epochAsHome({ target }, destination, tenantId, await homeEpoch(control, tenantId));

/** Whether a cell has the tenant. A run that was killed before it enrolled the tenant has made no stream. */
export const isEnrolledIn = async (
  { target }: Runtime,
  { tenantId }: Pick<Move, 'tenantId'>,
  cell: string,
): Promise<boolean> =>
  withConnection(
    await target.adminConnection(cell),
    async (client) =>
      (await client.query('SELECT FROM ringfence.tenants WHERE id = $1', [tenantId])).rowCount === 1,
  );

/**
 * Whether the source knows that the tenant has left it, or has seen a later run than the control database: then that one came back from
 * an earlier state, and only the destination can say where the home is.
 */
export const knowsLaterRun = async (
  { target }: Runtime,
  { tenantId, source, attempt }: Pick<Move, 'tenantId' | 'source' | 'attempt'>,
): Promise<boolean> =>
  withConnection(await target.adminConnection(source), async (client) => {
    const { rowCount } = await client.query(
      `SELECT FROM ringfence_private.moves m JOIN ringfence.tenants t ON t.id = m.tenant_id
        WHERE t.id = $1 AND (m.attempt > $2 OR t.fence = 'closed' AND NOT m.tracks)`,
      [tenantId, attempt],
    );
    return rowCount === 1;
  });
