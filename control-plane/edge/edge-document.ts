import { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';
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
  const shared = sharedHosts(
    settings,
    found.flatMap(({ entry }) => entry ?? []),
  );
  const judged = found.map(({ tenant, entry, reason }) => {
    const host = entry?.hosts.find((one) => shared.some((clash) => clash.host === one));
    return host === undefined
      ? { tenant, entry, reason }
      : { tenant, entry: undefined, reason: `its host ${host} is another's too` };
  });
  const document = {
    version: 1 as const,
    operatorHost: settings.operatorHost,
    tenants: judged.flatMap(({ entry }) => entry ?? []),
    closed: judged.flatMap(({ tenant, reason }) => (reason === undefined ? [] : { tenant, reason })),
  };
  return { document, shared };
};

interface Found {
  readonly tenant: string;
  readonly entry: TenantEntry | undefined;
  readonly reason: string | undefined;
}

const entryOf = async (
  { control }: Runtime,
  settings: EdgeSettings,
  { slug, state, cell, deployedAt }: RegisteredTenant,
): Promise<Found> => {
  const closed = (reason: string): Found => ({ tenant: slug, entry: undefined, reason });
  if (state !== 'active') return closed(`it is ${state}`);
  const origin = settings.origins.get(cell);
  if (origin === undefined) return closed(`no origin of cell ${cell} in edge.yaml`);
  const tenant = await manifestOf(control, slug);
  if (tenant instanceof RingfenceError) return closed(tenant.message);
  const revision = revisionOf(deployedAt, settings);
  const parsed = tenantEntry.safeParse(draftOf(tenant, settings, { origin, revision }));
  if (parsed.success) return { tenant: slug, entry: parsed.data, reason: undefined };
  return closed(z.prettifyError(parsed.error));
};

const manifestOf = async (control: Runtime['control'], slug: string): Promise<Tenant | RingfenceError> => {
  const none = new RingfenceError('deployment_not_found', 'no manifest of it is kept');
  try {
    return (await deployedManifest(control, slug))?.tenant ?? none;
  } catch (error) {
    if (error instanceof RingfenceError) return error;
    throw error;
  }
};

/** Later configurations have higher numbers, also of a tenant that was erased and comes again. */
const revisionOf = (deployedAt: Date | null, { changedAt }: EdgeSettings): number =>
  Math.floor(Math.max(deployedAt?.getTime() ?? 0, changedAt.getTime()) / 1_000);

const draftOf = (
  tenant: Tenant,
  { domain, requestCostMicroEur }: EdgeSettings,
  { origin, revision }: Pick<TenantEntry, 'origin' | 'revision'>,
): TenantEntry => {
  const { requestsPerSecond, burst, dailyCostCapEur } = edgeQuotas(tenant);
  const { requestsPerMinute, concurrentUsers } = tenant.quotas;
  return {
    version: 1,
    tenant: tenant.slug,
    revision,
    hosts: [`${tenant.slug}.${domain}`, ...(tenant.domain === null ? [] : [tenant.domain])],
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

const sharedHosts = ({ operatorHost }: EdgeSettings, entries: readonly TenantEntry[]): SharedHost[] => {
  const claims = new Map<string, string[]>([[operatorHost, [OPERATOR]]]);
  for (const { tenant, hosts } of entries)
    for (const host of new Set(hosts)) claims.set(host, [...(claims.get(host) ?? []), tenant]);
  return [...claims].flatMap(([host, claimants]) => (claimants.length > 1 ? { host, claimants } : []));
};
