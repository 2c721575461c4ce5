import { VERSION } from '../../core/version.js';
import type { LoadedManifest } from '../../manifest/index.js';
import { tenantStack } from '../../stacks/names.js';
import { stackDeployment } from '../../stacks/stack-inputs.js';
import { diffManifests, type ManifestChange } from '../deployments/diff-manifests.js';
import { parseProgramVersion, programVersion } from '../deployments/program-version.js';
import type { Deployment } from '../deployments/store.js';
import { stackDir } from '../engine/run/workspace.js';
import { hasStack } from '../project/state/stack-files.js';
import type { Runtime } from '../runtime.js';
import { inhabitedCells } from '../tenants/placements.js';
import type { RegisteredTenant } from '../tenants/store.js';
import { inputsHash, tenantStackHash } from './tenant-run.js';

/** The parts of a tenant's key, in the order in which they are told. */
export const KEY_PARTS = [
  'manifest',
  'defaults',
  'policies',
  'cell',
  'schema',
  'provider',
  'toolkit',
  'state',
  'deployment',
  'checkpoint',
  'drift',
  'refresh',
] as const;

/** A part of a tenant's key that is not what it was. */
export interface Reason {
  readonly part: (typeof KEY_PARTS)[number];
  /** What it is compared with: the commit of `--since`, the last deployment, or what is really there. */
  readonly against: 'base' | 'deployment' | 'reality';
  readonly detail: string;
}

/**
 * Why another deployment of a tenant may change something; empty where it would change nothing. This and the real cell are all that
 * a deployment depends on.
 * @param deployed what the engine last applied, to name what differs from it; read by `lastApplied`.
 */
export const whyAffected = async (
  runtime: Runtime,
  manifest: LoadedManifest,
  tenant: RegisteredTenant | undefined,
  deployed?: Deployment,
): Promise<Reason[]> => {
  const differs = (part: Reason['part'], detail: string): Reason => ({ part, against: 'deployment', detail });
  if (!tenant || tenant.deployedAt === null) return [differs('deployment', 'it was never deployed')];
  const reasons: Reason[] = [];
  if (tenant.state !== 'active') reasons.push(differs('state', `it is ${tenant.state}`));
  const cells = inhabitedCells(tenant);
  // What was changed in a further cell behind the engine's back is seen by a run only.
  if (cells.length > 1) reasons.push(differs('cell', `it is in cells ${cells.join(' and ')}`));
  if (tenant.inputsHash !== inputsHash(manifest, tenant))
    reasons.push(
      ...inputReasons(manifest, tenant, deployed).map(({ part, detail }) => differs(part, detail)),
    );
  const known = await tenantStackHash(runtime, tenant.slug);
  if (tenant.stackHash !== known)
    reasons.push(
      differs(
        'checkpoint',
        known === '' ? await lostState(runtime, tenant) : 'the engine’s state is another one',
      ),
    );
  if (tenant.deployment !== stackDeployment(stackDir(runtime.project, tenantStack(tenant.slug))))
    reasons.push(differs('deployment', 'plain `pulumi` would run another one'));
  return reasons;
};

/** Whether another deployment would change nothing. */
export const isUnaffected = async (
  runtime: Runtime,
  manifest: LoadedManifest,
  tenant: RegisteredTenant,
): Promise<boolean> => (await whyAffected(runtime, manifest, tenant)).length === 0;

/** Whether there is a file that cannot be read, or none. */
const lostState = async ({ state }: Runtime, { slug }: RegisteredTenant): Promise<string> =>
  (await hasStack(state, tenantStack(slug)))
    ? 'the engine’s state of it cannot be read: a deployment takes up what is there'
    : 'the engine has no state of it: a deployment takes up what is there';

/** The parts of the inputs that differ. Where none of those that were recorded does, its cells do. */
const inputReasons = (
  manifest: LoadedManifest,
  tenant: RegisteredTenant,
  deployed: Deployment | undefined,
): Pick<Reason, 'part' | 'detail'>[] => {
  if (!deployed || Object.keys(deployed.inputs).length === 0)
    return [{ part: 'manifest', detail: 'what was deployed is not recorded' }];
  const then = parseProgramVersion(deployed.programVersion);
  const present = programVersion();
  const changes = diffManifests(deployed.inputs, manifest.tenant);
  const reasons: Pick<Reason, 'part' | 'detail'>[] = [];
  if (changes.length > 0) {
    // A value that was left out and one that is written look the same once they are filled in.
    const part = then?.defaults === present.defaults ? 'manifest' : 'defaults';
    reasons.push({ part, detail: namesOf(changes) });
  }
  if (then?.schema !== present.schema)
    reasons.push({ part: 'schema', detail: 'the schema of cells is another one' });
  if (then?.provider !== present.provider)
    reasons.push({ part: 'provider', detail: `${then?.provider ?? 'unknown'} -> ${present.provider}` });
  if (deployed.toolkitVersion !== VERSION)
    reasons.push({ part: 'toolkit', detail: `${deployed.toolkitVersion ?? 'unknown'} -> ${VERSION}` });
  if (reasons.length > 0) return reasons;
  return deployed.number === tenant.deployment
    ? [{ part: 'cell', detail: 'it is in other cells than when it was deployed' }]
    : [{ part: 'deployment', detail: `deployment ${deployed.number} did not come to its end` }];
};

const NAMED = 5;

/** `plan, quotas.rows and 3 more`. */
export const namesOf = (changes: readonly Pick<ManifestChange, 'path'>[]): string => {
  const names = changes.map(({ path }) => path);
  const rest = names.length - NAMED;
  return rest > 0 ? `${names.slice(0, NAMED).join(', ')} and ${rest} more` : names.join(', ');
};
