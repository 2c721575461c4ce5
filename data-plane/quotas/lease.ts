import type pg from 'pg';
import { type QuotaRefusal, RingfenceError } from '../../core/errors.js';

/** Requests that may be served without asking the database again. */
export interface Lease {
  readonly requests: number;
  readonly expiresAtMs: number;
}

/**
 * Books what the last lease used and takes the next, in a clinic's context that was entered.
 * @returns RingfenceError `quota_exceeded` when the tenant is over one of its limits. It is returned and not thrown,
 * because the transaction is to be committed all the same: what was used stays booked.
 */
export const takeLease = async (
  client: pg.ClientBase,
  request: { readonly requests: number; readonly computeMs: number; readonly userIds: readonly string[] },
): Promise<Lease | RingfenceError> => {
  const { rows } = await client.query<{ granted: number; expires_at: Date; refused: QuotaRefusal | null }>(
    'SELECT granted, expires_at, refused FROM ringfence.lease($1, $2, $3)',
    [request.requests, request.computeMs, request.userIds],
  );
  const [row] = rows;
  if (!row) throw new RingfenceError('internal', 'a lease came back empty');
  if (row.refused) return quotaExceeded(row.refused);
  return { requests: row.granted, expiresAtMs: row.expires_at.getTime() };
};

const quotaExceeded = (quota: QuotaRefusal): RingfenceError =>
  new RingfenceError('quota_exceeded', `over the quota ${quota.what}: ${quota.used} of ${quota.limit}`, {
    fix: quota.resets
      ? `it starts anew at ${quota.resets}; a larger plan or \`ringfence quotas set\` allows more`
      : 'delete what is not needed, or allow more with `ringfence quotas set`',
    quota,
  });
