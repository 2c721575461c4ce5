import { RingfenceError } from '../../core/errors.js';
import type { DeclaredResource } from '../../stacks/declared-resources.js';
import { edgeStack } from '../../stacks/names.js';
import type { EdgeInputs } from '../../stacks/programs/edge/inputs.js';
import { type CloudflareApi, cloudflareApi } from '../../targets/edge/cloudflare/api.js';
import { type CloudflareAccount, cloudflareAccount } from '../../targets/edge/cloudflare/credentials.js';
import { idsByName, migrationTag, zoneName } from '../../targets/edge/cloudflare/look.js';
import { type EdgeDocument, storedEntries } from '../../targets/edge/document/edge-document.js';
import { workerScript } from '../../targets/edge/worker-script.js';
import type { EdgeKeys } from '../../targets/edge/worker-settings.js';
import type { KnownId } from '../engine/run/adopt-pending.js';
import { stackResources } from '../engine/run/stack-hash.js';
import type { StackRun } from '../engine/run/stack-run.js';
import { hasStack, mayBeUnfinished } from '../project/state/stack-files.js';
import type { StateStore } from '../project/state/state-store.js';
import type { Runtime } from '../runtime.js';
import { readClaimedHosts } from './edge-document.js';
import { edgeKeys } from './keys.js';
import { edgeSettings } from './settings.js';

/** A host, and what its owner has to do. */
interface PlannedHost {
  readonly host: string;
  /** Null for the operator's. */
  readonly tenant: string | null;
  /** Where its owner points it, outside of the zone; null for a host that Cloudflare points itself. */
  readonly pointsTo: string | null;
}

/** What a deployment of the edge would make. */
export interface EdgePlan {
  readonly name: string;
  readonly document: EdgeDocument;
  readonly hosts: readonly PlannedHost[];
  readonly inputs: EdgeInputs;
  readonly keys: EdgeKeys;
  /** Whether the engine knows its stack. */
  readonly exists: boolean;
  readonly run: Omit<StackRun, 'recover'>;
  /** What is there already, and its state does not know; undefined for nothing. */
  readonly lost:
    | {
        readonly things: readonly Pick<DeclaredResource, 'urn' | 'type' | 'inputs'>[];
        readonly knownId: KnownId;
      }
    | undefined;
}

/**
 * Resolves everything that the edge is made from: the tenants as they were deployed, the account, and what is there already. Changes
 * nothing.
 * @throws RingfenceError `config_invalid`, `key_access_denied`, `edge_refused`, `edge_unavailable`; `conflict` where the edge is
 * deployed in another account, a Worker of its name is somebody else's, or two claim one host.
 */
export const planEdge = async (runtime: Runtime, env: NodeJS.ProcessEnv): Promise<EdgePlan> => {
  const settings = await edgeSettings(runtime.project);
  const { name } = settings;
  const { document, shared } = await readClaimedHosts(runtime);
  const [clash] = shared;
  if (clash) throw sharedHost(clash.host, clash.claimants);
  const keys = edgeKeys(env);
  const account = cloudflareAccount(env, settings.cloudflare);
  const { accountId, zoneId } = account;
  const { state } = runtime;
  const stack = edgeStack(name);
  await refuseOtherPlace(state, stack, account);
  const { edgeNames, isInZone } = await import('../../stacks/programs/edge/names.js');
  const { edgeInputs } = await import('../../stacks/programs/edge/inputs.js');
  const api = cloudflareApi(account);
  const zone = await zoneName(api, account);
  const names = edgeNames(name);
  refuseOutside(settings.domain, zone, isInZone);
  const { operatorHost } = document;
  const ofTenants = [...document.tenants, ...document.closed].flatMap(({ tenant, hosts }) =>
    hosts.map((host) => ({ host, tenant })),
  );
  const taken = ofTenants.find(
    ({ host, tenant }) => isInZone(host, zone) && host !== `${tenant}.${settings.domain}`,
  );
  if (taken) throw sharedHost(taken.host, ['the operator, whose zone it is in,', taken.tenant]);
  const hosts = [...ofTenants, { host: operatorHost, tenant: null }].map((one) => ({
    ...one,
    pointsTo: isInZone(one.host, zone) ? null : names.entrance(zone),
  }));
  const inputs = edgeInputs.parse({
    edge: name,
    accountId,
    zoneId,
    zone,
    operatorHost,
    entries: Object.fromEntries(storedEntries(document)),
    script: workerScript('production'),
    hasObjects: await hasObjects(api, account, names.worker),
  });
  const exists = await hasStack(state, stack);
  const isBroken = exists && (await mayBeUnfinished(state, stack));
  const outside = hosts.some(({ pointsTo }) => pointsTo !== null);
  const { knownId } = await import('../../stacks/programs/edge/known-ids.js');
  const look = async (): Promise<KnownId> =>
    knownId(await idsByName(api, account, { outside, worker: names.worker, routeOf: names.route }));
  const run = { ...edgeRun(inputs, keys), ...(isBroken ? { knownId: await look() } : {}) };
  const lost = inputs.hasObjects && !isBroken ? await lostThings(state, run, look) : undefined;
  return { name, document, hosts, inputs, keys, exists, run, lost };
};

/** What an edge that is there has, and its state lacks. What the platform gives no id to is found by making it again. */
const lostThings = async (
  state: StateStore,
  { stack, program }: Pick<StackRun, 'stack' | 'program'>,
  look: () => Promise<KnownId>,
): Promise<EdgePlan['lost']> => {
  const { declaredResources } = await import('../../stacks/declared-resources.js');
  const { hasKnownId } = await import('../../stacks/programs/edge/known-ids.js');
  const known = new Set(((await stackResources(state, stack)) ?? []).map(({ urn }) => urn));
  const missing = (await declaredResources(stack, program)).filter(
    ({ urn, type }) => hasKnownId(type) && !known.has(urn),
  );
  if (missing.length === 0) return undefined;
  const knownId = await look();
  const things = missing.filter(({ type, inputs }) => knownId(type, inputs) !== undefined);
  return things.length === 0 ? undefined : { things, knownId };
};

/** The run that makes, or mends, an edge. */
export const edgeRun = (inputs: EdgeInputs, keys: EdgeKeys): Omit<StackRun, 'recover'> => ({
  stack: edgeStack(inputs.edge),
  ownProviders: true,
  program: async () => {
    const { edgeProgram } = await import('../../stacks/programs/edge/edge.js');
    return edgeProgram(inputs, keys)();
  },
});

/** Asks the platform: the engine's state may be older than the Worker. */
const hasObjects = async (
  api: CloudflareApi,
  account: CloudflareAccount,
  worker: string,
): Promise<boolean> => {
  const { OBJECTS_TAG } = await import('../../stacks/programs/edge/migration.js');
  const tag = await migrationTag(api, account, worker);
  if (tag === undefined || tag === OBJECTS_TAG) return tag !== undefined;
  throw new RingfenceError(
    'conflict',
    `the Worker ${worker} is at migration ${tag}, which is not Ringfence's`,
    {
      fix: 'give the edge another name in edge.yaml, or remove that Worker',
    },
  );
};

const refuseOtherPlace = async (
  state: StateStore,
  stack: string,
  account: CloudflareAccount,
): Promise<void> => {
  const resources = (await stackResources(state, stack)) ?? [];
  for (const [key, what] of [
    ['accountId', 'account'],
    ['zoneId', 'zone'],
  ] as const) {
    const known = resources.flatMap(({ inputs }) => inputs?.[key] ?? []);
    const other = known.find((id) => id !== account[key]);
    if (other !== undefined)
      throw new RingfenceError(
        'conflict',
        `the edge is deployed in ${what} ${String(other)}, not in ${account[key]}`,
        { fix: `use that ${what}, or take the edge down first with its credentials: ringfence edge down` },
      );
  }
};

/** Every tenant has a host in it: one wrong letter would take all of them off the internet. */
const refuseOutside = (
  domain: string,
  zone: string,
  isInZone: (host: string, zone: string) => boolean,
): void => {
  if (isInZone(domain, zone)) return;
  throw new RingfenceError('config_invalid', `domain ${domain} of edge.yaml is not in zone ${zone}`, {
    fix: `write ${zone}, or a name below it, as \`domain\`; or set CLOUDFLARE_ZONE_ID of another zone`,
  });
};

/** Both would be left out, and one of them may be open. */
const sharedHost = (host: string, claimants: readonly string[]): RingfenceError =>
  new RingfenceError('conflict', `host ${host} is claimed by ${claimants.join(' and by ')}`, {
    fix: 'give one of them another `domain` in its manifest and deploy it: ringfence tenants apply <tenant>',
  });
