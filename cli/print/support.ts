import type { SupportGrant } from '../../data-plane/support/grants.js';
import { table } from './table.js';

/** Grants of support, one a line. */
export const describeGrants = (grants: readonly SupportGrant[]): string =>
  table(
    ['grant', 'user', 'from', 'until', 'by', 'reason'],
    grants.map((grant) => [
      grant.id,
      grant.userId,
      grant.grantedAt.toISOString(),
      (grant.revokedAt ?? grant.expiresAt).toISOString(),
      grant.grantedBy,
      grant.reason,
    ]),
  );
