import { type TransactionLimits, withCellConnection } from './cells/cell-connection.js';
import type { CellPool } from './cells/cell-pools.js';
import { begin } from './context/session.js';
import type { TenantContext } from './context/tenant-scope.js';

/** A user who was support once is taken for support for so long; a grant lasts eight hours at most. */
const KEPT_MS = 8 * 3_600_000;
const KEPT_USERS = 1_000;

/**
 * Tells clinics of support access before it is used, in a transaction of its own, so that whoever reads and throws cannot
 * take it back (docs/threats.md 43). The database lets no support in that it was not told of within 30 seconds.
 */
export interface SupportAnnouncements {
  /** Tells the clinic, where this user is known for support. */
  beforeEntering(cell: CellPool, tenant: TenantContext, limits: TransactionLimits): Promise<void>;
  /** Tells the clinic of a user whom the database took for support. */
  announce(cell: CellPool, tenant: TenantContext, limits: TransactionLimits): Promise<void>;
}

export const supportAnnouncements = (nowMs: () => number): SupportAnnouncements => {
  const known = new Map<string, number>();
  const keyOf = ({ clinicId, userId }: TenantContext): string => `${clinicId}/${userId}`;

  const announce: SupportAnnouncements['announce'] = async (cell, tenant, { timeoutMs, signal }) => {
    if (known.size >= KEPT_USERS) known.clear();
    known.set(keyOf(tenant), nowMs() + KEPT_MS);
    await withCellConnection(
      cell,
      `support ${tenant.tenantId}`,
      { timeoutMs, signal },
      async (connection) => {
        const token = cell.signer.sign(tenant, await begin(connection.client, cell));
        await connection.client.query('SELECT ringfence.announce_support($1)', [token]);
        await connection.commit().ended;
      },
    );
  };

  return {
    announce,
    beforeEntering: async (cell, tenant, limits) => {
      const untilMs = known.get(keyOf(tenant));
      if (untilMs === undefined) return;
      if (untilMs <= nowMs()) known.delete(keyOf(tenant));
      // A user whose grant has ended gets that error at entering.
      else await announce(cell, tenant, limits).catch(() => known.delete(keyOf(tenant)));
    },
  };
};
