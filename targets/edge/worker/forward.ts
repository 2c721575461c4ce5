import type { TenantEntry } from '../document/tenant-entry.js';
import { costOf } from './cost-of.js';
import type { Environment } from './environment.js';

/** Headers with this beginning are between the edge and the origins: those of clients are taken away, and the origin's do not leave. */
const OURS = 'ringfence-';
const COST = `${OURS}cost-micro-eur`;
const HOST = 'x-forwarded-host';

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
  for (const name of [...headers.keys()]) if (isOurs(name) || saysHost(name)) headers.delete(name);
  headers.set(HOST, host);
  headers.set(`${OURS}tenant`, tenant);
  headers.set(`${OURS}edge-key`, ORIGIN_KEY);
  // Tenants of a cell have one origin, and the platform's cache knows an answer by its address alone.
  const response = await fetch(forwarded, { redirect: 'manual', cache: 'no-store' });
  const ours = [...response.headers.keys()].filter(isOurs);
  if (ours.length === 0) return { response, costMicroEur: 0 };
  const shown = new Response(response.body, response);
  for (const name of ours) shown.headers.delete(name);
  return { response: shown, costMicroEur: costOf(response.headers.get(COST), tenant) };
};

/** Many servers tell `_` and `-` in the name of a header not apart (CGI, RFC 3875, section 4.1.18). */
const plain = (name: string): string => name.replaceAll('_', '-');

const isOurs = (name: string): boolean => plain(name).startsWith(OURS);

/** What else would say whose host was asked for (RFC 7239). */
const saysHost = (name: string): boolean => name === 'forwarded' || plain(name) === HOST;
