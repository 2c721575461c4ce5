import { withConnection } from '../../data-plane/database/connect.js';
import type { Runtime } from '../runtime.js';

/** Whether a cell keeps a tenant behind a fence, and has for so many seconds. */
export const isShut = async (
  { target }: Pick<Runtime, 'target'>,
  {
    cell,
    tenantId,
    seconds = 0,
  }: { readonly cell: string; readonly tenantId: string; readonly seconds?: number },
): Promise<boolean> =>
  withConnection(await target.adminConnection(cell), async (client) => {
    const { rowCount } = await client.query(
      `SELECT FROM ringfence.tenants
        WHERE id = $1 AND fence <> 'open' AND ($2 = 0 OR fenced_since < now() - make_interval(secs => $2))`,
      [tenantId, seconds],
    );
    return rowCount === 1;
  });
