import type { TenantEntry } from '../document/tenant-entry.js';
import type { Environment } from './environment.js';

/** Headers with this beginning are between the edge and the origins: those of clients are taken away, and the origin's do not leave. */
const OURS = 'ringfence-';
const COST = `${OURS}cost-micro-eur`;

/** What the origin answered, and what it says that the request cost. */
export interface Forwarded {
  readonly response: Response;
  readonly costMicroEur: number;
}

export const forward = async (
  request: Request,
  { origin, tenant }: TenantEntry,
  { ORIGIN_KEY }: Environment,
): Promise<Forwarded> => {
  const { host, pathname, search } = new URL(request.url);
  const forwarded = new Request(`${origin}${pathname}${search}`, request);
  const { headers } = forwarded;
  for (const name of [...headers.keys()]) if (name.startsWith(OURS)) headers.delete(name);
  headers.set('x-forwarded-host', host);
  headers.set(`${OURS}tenant`, tenant);
  headers.set(`${OURS}edge-key`, ORIGIN_KEY);
  const response = await fetch(forwarded, { redirect: 'manual' });
  const cost = Number(response.headers.get(COST) ?? 0);
  const costMicroEur = Number.isSafeInteger(cost) && cost > 0 ? cost : 0;
  if (!response.headers.has(COST)) return { response, costMicroEur };
  const shown = new Response(response.body, response);
  shown.headers.delete(COST);
  return { response: shown, costMicroEur };
};
