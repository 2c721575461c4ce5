import * as z from 'zod';
import { closedEntry, type TenantEntry, tenantEntry } from '../document/tenant-entry.js';
import { BoundedMap } from './bounded-map.js';
import type { Environment } from './environment.js';
import { log } from './log.js';
import type { ClosedCode } from './refused.js';

const KEPT_MS = 30_000;
/** Unknown hosts are asked for again sooner, so that a new tenant opens soon. */
const UNKNOWN_KEPT_MS = 5_000;
const HOSTS_MAX = 20_000;

/** A tenant's entry, or why nobody gets in by this host. `problems` are for the operator alone. */
export type FoundTenant =
  | { readonly entry: TenantEntry }
  | { readonly closed: ClosedCode; readonly problems?: string };

const kept = new BoundedMap<string, { readonly found: FoundTenant; readonly untilMs: number }>(HOSTS_MAX);

/** An isolate keeps what it has read for half a minute. What cannot be read, or is not valid, closes its host and no other. */
export const findTenant = async ({ TENANTS }: Environment, host: string): Promise<FoundTenant> => {
  const before = kept.get(host);
  if (before !== undefined && before.untilMs > Date.now()) return before.found;
  const found = await read(TENANTS, host);
  const keptMs = 'entry' in found ? KEPT_MS : UNKNOWN_KEPT_MS;
  if (!('closed' in found && found.closed === 'config_unavailable'))
    kept.set(host, { found, untilMs: Date.now() + keptMs });
  return found;
};

/** What an isolate knows already, without waiting. */
export const knownTenant = (host: string): TenantEntry | undefined => {
  const before = kept.get(host);
  if (before === undefined || before.untilMs <= Date.now() || !('entry' in before.found)) return undefined;
  return before.found.entry;
};

const read = async (tenants: Environment['TENANTS'], host: string): Promise<FoundTenant> => {
  let text: string | null;
  try {
    text = await tenants.get(host);
  } catch (cause) {
    log('config_unavailable', host, cause);
    return { closed: 'config_unavailable' };
  }
  if (text === null) return { closed: 'host_unknown' };
  const parsed = parse(text);
  if (!parsed.success) return { closed: 'tenant_config_invalid', problems: z.prettifyError(parsed.error) };
  const { data } = parsed;
  if (data.hosts.includes(host)) return 'closed' in data ? { closed: 'tenant_closed' } : { entry: data };
  return { closed: 'tenant_config_invalid', problems: `the entry is of other hosts: ${data.hosts}` };
};

const parse = (text: string) => {
  const value = parseJson(text);
  const isClosed = typeof value === 'object' && value !== null && 'closed' in value;
  return isClosed ? closedEntry.safeParse(value) : tenantEntry.safeParse(value);
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
