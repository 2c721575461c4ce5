import { withConnection } from '../../data-plane/database/connect.js';
import type { Runtime } from '../runtime.js';
import { homeEpoch, type Move } from './store.js';

/** The tenant in the destination of a move. */
interface There {
  readonly epoch: number;
  /** It is open by a later epoch than the home of the control database. An earlier copy of a cell may be open too, by an earlier one. */
  readonly isHome: boolean;
}

/** @returns undefined where it is not enrolled. */
export const lookThere = async (
  { control, target }: Runtime,
  { tenantId, destination }: Pick<Move, 'tenantId' | 'destination'>,
): Promise<There | undefined> => {
  const known = await homeEpoch(control, tenantId);
  return withConnection(await target.adminConnection(destination), async (client) => {
    const { rows } = await client.query<There>(
      `SELECT epoch, fence <> 'closed' AND epoch > $2 AS "isHome" FROM ringfence.tenants WHERE id = $1`,
      [tenantId, known],
    );
    return rows[0];
  });
};

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
