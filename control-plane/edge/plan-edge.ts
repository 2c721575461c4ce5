import { RingfenceError } from '../../core/errors.js';
import { edgeStack } from '../../stacks/names.js';
import type { EdgeInputs } from '../../stacks/programs/edge/inputs.js';
import { type CloudflareApi, cloudflareApi } from '../../targets/edge/cloudflare/api.js';
import { type CloudflareAccount, cloudflareAccount } from '../../targets/edge/cloudflare/credentials.js';
import { idsByName, migrationTag, zoneName } from '../../targets/edge/cloudflare/look.js';
import { type EdgeDocument, storedEntries } from '../../targets/edge/document/edge-document.js';
import { workerScript } from '../../targets/edge/worker-script.js';
import type { EdgeKeys } from '../../targets/edge/worker-settings.js';
import { hasStack, mayBeUnfinished } from '../engine/run/engine-state.js';
import { stackResources } from '../engine/run/stack-hash.js';
import type { StackRun } from '../engine/run/stack-run.js';
import { stateDir } from '../project/project.js';
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
  const state = stateDir(runtime.project);
  const stack = edgeStack(name);
  refuseOtherAccount(state, stack, accountId);
  const { edgeNames, isInZone } = await import('../../stacks/programs/edge/names.js');
  const { edgeInputs } = await import('../../stacks/programs/edge/inputs.js');
  const api = cloudflareApi(account);
  const zone = await zoneName(api, account);
  const names = edgeNames(name);
  const { operatorHost } = document;
  const hosts = [
    ...document.tenants.flatMap(({ tenant, hosts }) => hosts.map((host) => ({ host, tenant }))),
    { host: operatorHost, tenant: null },
  ].map((one) => ({ ...one, pointsTo: isInZone(one.host, zone) ? null : names.entrance(zone) }));
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
  const exists = hasStack(state, stack);
  const isBroken = exists && mayBeUnfinished(state, stack);
  const outside = hosts.some(({ pointsTo }) => pointsTo !== null);
  const { knownId } = await import('../../stacks/programs/edge/known-ids.js');
  const run = {
    ...edgeRun(inputs, keys),
    ...(isBroken ? { knownId: knownId(await idsByName(api, account, { outside })) } : {}),
  };
  return { name, document, hosts, inputs, keys, exists, run };
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

const refuseOtherAccount = (state: string, stack: string, accountId: string): void => {
  const known = (stackResources(state, stack) ?? []).flatMap(({ inputs }) => inputs?.accountId ?? []);
  const other = known.find((id) => id !== accountId);
  if (other === undefined) return;
  throw new RingfenceError(
    'conflict',
    `the edge is deployed in account ${String(other)}, not in ${accountId}`,
    {
      fix: 'use that account, or take the edge down first with its credentials: ringfence edge down',
    },
  );
};

/** Both would be left out, and one of them may be open. */
const sharedHost = (host: string, claimants: readonly string[]): RingfenceError =>
  new RingfenceError('conflict', `host ${host} is claimed by ${claimants.join(' and by ')}`, {
    fix: 'give one of them another `domain` in its manifest and deploy it: ringfence tenants apply <tenant>',
  });
