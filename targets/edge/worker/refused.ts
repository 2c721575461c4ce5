import { limitOf } from '../limits/ledger.js';
import type { EdgeLimits, EdgeQuota } from '../limits/limits.js';

/** Why a request goes no further, but for quotas. */
const CLOSED = {
  host_unknown: [421, 'no tenant has this host name'],
  tenant_closed: [503, 'this host is closed for now'],
  tenant_config_invalid: [
    503,
    'the configuration of this host is not valid; its operator has to deploy it again',
  ],
  config_unavailable: [503, 'the configuration of this host cannot be read; try again'],
  edge_config_invalid: [503, 'the edge is not configured; its operator has to deploy it again'],
  limits_unavailable: [503, 'the limits of this host cannot be read; try again'],
  origin_unavailable: [502, 'the application of this host does not answer; try again'],
  operator_refused: [403, 'the operator key is missing or wrong'],
  report_not_found: [404, 'there is no such report'],
} as const satisfies Record<string, readonly [status: number, message: string]>;
export type ClosedCode = keyof typeof CLOSED;

const HEADERS = { 'cache-control': 'no-store' };

export const closed = (code: ClosedCode, problems?: string): Response => {
  const [status, message] = CLOSED[code];
  return Response.json({ error: { code, message, problems } }, { status, headers: HEADERS });
};

/** @param resetsMs until the quota is free again. */
export const overQuota = (quota: EdgeQuota, limits: EdgeLimits, resetsMs: number): Response => {
  const seconds = Math.max(1, Math.ceil(resetsMs / 1_000));
  const limit = limitOf(limits, quota);
  const message = `over the quota ${quota}: ${limit}`;
  return Response.json(
    { error: { code: 'quota_exceeded', message, quota, limit } },
    { status: 429, headers: { ...HEADERS, 'retry-after': String(seconds) } },
  );
};
