import { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';
import type { TenantState } from '../../core/lifecycle.js';
import { isWithinEu, type Residency } from '../../core/regions.js';
import { edgeQuotas } from '../../manifest/edge.js';
import type { Tenant } from '../../manifest/index.js';
import type { EdgeDocument } from '../../targets/edge/document/edge-document.js';
import { type TenantEntry, tenantEntry } from '../../targets/edge/document/tenant-entry.js';
import { deployedManifest } from '../deployments/deployed-manifest.js';
import type { Runtime } from '../runtime.js';
import { listTenants, type RegisteredTenant } from '../tenants/store.js';
import { type EdgeSettings, edgeSettings } from './settings.js';

/** A host that more than one claims, so that nobody can say whose a request is. */
interface SharedHost {
  readonly host: string;
  /** Tenants, and the operator. */
  readonly claimants: readonly string[];
}

/** What the edge is to be configured with: every tenant as it was deployed. One that is not let in has its reason beside it. */
export const readEdgeDocument = async (runtime: Runtime): Promise<EdgeDocument> =>
  (await readClaimedHosts(runtime)).document;

/** The same, and the hosts for which tenants are not let in. */
export const readClaimedHosts = async (
  runtime: Runtime,
): Promise<{ readonly document: EdgeDocument; readonly shared: readonly SharedHost[] }> => {
  const settings = await edgeSettings(runtime.project);
  const found = await Promise.all(
    (await listTenants(runtime.control)).map((tenant) => entryOf(runtime, settings, tenant)),
  );
  const shared = sharedHosts(settings, found);
  const judged = found.map((one): Found => {
    const host = one.hosts.find((each) => shared.some((clash) => clash.host === each));
    const reason = `its host ${host} is another's too`;
    return host === undefined ? one : { tenant: one.tenant, hosts: [], entry: undefined, reason };
  });
  const document = {
    version: 1 as const,
    operatorHost: settings.operatorHost,
    tenants: judged.flatMap(({ entry }) => entry ?? []),
    closed: judged.flatMap(({ tenant, reason, hosts }) =>
      reason === undefined ? [] : { tenant, reason, hosts: [...hosts] },
    ),
  };
  return { document, shared };
};

interface Found {
  readonly tenant: string;
  /** That are its own, open or closed. */
  readonly hosts: readonly string[];
  readonly entry: TenantEntry | undefined;
  readonly reason: string | undefined;
}

/** Who was let in once, and may be again, keeps its hosts: others would take them, and certificates take their time. */
const KEEPS_HOSTS: readonly TenantState[] = ['active', 'suspended', 'removing'];

const entryOf = async (
  { control, now }: Runtime,
  settings: EdgeSettings,
  { slug, state, cell, deployedAt }: RegisteredTenant,
): Promise<Found> => {
  const closed = (reason: string, hosts: readonly string[]): Found => ({
    tenant: slug,
    hosts,
    entry: undefined,
    reason,
  });
  if (!KEEPS_HOSTS.includes(state)) return closed(`it is ${state}`, []);
  const tenant = await manifestOf(control, slug);
  const hosts = hostsOf(slug, tenant instanceof RingfenceError ? null : tenant.domain, settings);
  if (state !== 'active') return closed(`it is ${state}`, hosts);
  const origin = settings.origins.get(cell);
  if (origin === undefined) return closed(`no origin of cell ${cell} in edge.yaml`, hosts);
  if (tenant instanceof RingfenceError) return closed(tenant.message, hosts);
  const revision = revisionOf(deployedAt, settings, now());
  const parsed = tenantEntry.safeParse(draftOf(tenant, settings, { hosts, origin, revision }));
  if (parsed.success) return { tenant: slug, hosts, entry: parsed.data, reason: undefined };
  return closed(z.prettifyError(parsed.error), hosts);
};

const hostsOf = (slug: string, own: string | null, { domain }: EdgeSettings): string[] => [
  ...new Set([`${slug}.${domain}`, ...(own === null ? [] : [own])]),
];

const manifestOf = async (control: Runtime['control'], slug: string): Promise<Tenant | RingfenceError> => {
  const none = new RingfenceError('deployment_not_found', 'no manifest of it is kept');
  try {
    return (await deployedManifest(control, slug))?.tenant ?? none;
  } catch (error) {
    if (error instanceof RingfenceError) return error;
    throw error;
  }
};

/**
 * Later configurations have higher numbers, also of a tenant that was erased and comes again. None is later than now: an object
 * keeps the limits of the highest, and those of a file from the future would hold until then.
 */
const revisionOf = (deployedAt: Date | null, { changedAt }: EdgeSettings, now: Date): number =>
  Math.floor(Math.max(deployedAt?.getTime() ?? 0, Math.min(changedAt.getTime(), now.getTime())) / 1_000);

const draftOf = (
  tenant: Tenant,
  { requestCostMicroEur }: EdgeSettings,
  { hosts, origin, revision }: Pick<TenantEntry, 'hosts' | 'origin' | 'revision'>,
): TenantEntry => {
  const { requestsPerSecond, burst, dailyCostCapEur } = edgeQuotas(tenant);
  const { requestsPerMinute, concurrentUsers } = tenant.quotas;
  return {
    version: 1,
    tenant: tenant.slug,
    revision,
    hosts,
    origin,
    jurisdiction: jurisdictionOf(tenant.residency),
    limits: {
      requestsPerSecond,
      burst,
      requestsPerMinute,
      concurrentUsers,
      dailyCostCapMicroEur: Math.round(dailyCostCapEur * 1_000_000),
      requestCostMicroEur,
    },
  };
};

/** `eu` where the residency allows the EU only. The platform has no jurisdiction for the other countries. */
const jurisdictionOf = (residency: Residency): 'eu' | null => (isWithinEu(residency) ? 'eu' : null);

const OPERATOR = 'the operator';

/**
 * The operator's are where reports are read, the origins, and the edge's domain with everything below it but the host that each tenant
 * has there: who could choose one of them would take it from others, or from who comes later.
 */
const sharedHosts = (settings: EdgeSettings, found: readonly Found[]): SharedHost[] => {
  const { operatorHost, domain, origins } = settings;
  const ours = [operatorHost, domain, ...[...origins.values()].map((origin) => new URL(origin).hostname)];
  const claims = new Map<string, string[]>(ours.map((host) => [host, [OPERATOR]]));
  for (const { tenant, hosts } of found)
    for (const host of hosts) {
      const isChosen = host !== `${tenant}.${domain}` && host.endsWith(`.${domain}`);
      const before = claims.get(host) ?? (isChosen ? [OPERATOR] : []);
      claims.set(host, [...before, tenant]);
    }
  return [...claims].flatMap(([host, claimants]) => (claimants.length > 1 ? { host, claimants } : []));
};
