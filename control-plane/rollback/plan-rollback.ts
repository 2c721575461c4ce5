import { RingfenceError } from '../../core/errors.js';
import { hashTenant, type LoadedManifest, parseTenant, type Tenant } from '../../manifest/index.js';
import { type Cell, getCell } from '../cells/store.js';
import { diffManifests, type ManifestChange } from '../deployments/diff-manifests.js';
import { deploymentOf } from '../deployments/list-deployments.js';
import { isOfOtherProgram } from '../deployments/program-version.js';
import { type Deployment, listDeployments } from '../deployments/store.js';
import { wrappedKeys } from '../keys/store.js';
import { manifestIn } from '../moves/moved-manifest.js';
import { findOpenMove } from '../moves/store.js';
import { refuseWhileMoving } from '../operation/refuse-while-moving.js';
import type { Runtime } from '../runtime.js';
import { getTenant, type RegisteredTenant } from '../tenants/store.js';

/** What bringing a tenant back to an earlier deployment would do. */
export interface DeploymentRollback {
  readonly slug: string;
  /** The deployment that is in force, and the one to go back to. */
  readonly from: number;
  readonly to: number;
  /** What was deployed then, where the tenant lives now. */
  readonly manifest: LoadedManifest;
  readonly changes: readonly ManifestChange[];
  /** What of that time does not come back, in words. */
  readonly stays: readonly string[];
}

/**
 * Finds what a tenant was deployed as, and what of it cannot come back. Changes nothing: whoever deploys the manifest does.
 * @throws RingfenceError `deployment_not_found`; `conflict` for one that the engine has not applied, or whose inputs were not kept;
 * `manifest_invalid` for inputs that this release does not take any more.
 */
export const planRollback = async (
  runtime: Runtime,
  slug: string,
  number: number,
): Promise<DeploymentRollback> => {
  const { control } = runtime;
  const tenant = await getTenant(control, slug);
  await refuseWhileMoving(control, tenant.id, 'apply');
  const deployments = await listDeployments(control, { tenantId: tenant.id });
  const to = deploymentOf(deployments, number);
  requireApplied(slug, to, deployments);
  const from = deployments.find(({ appliedAt }) => appliedAt !== null) ?? to;
  const then = parseTenant(to.inputs);
  const home = await getCell(control, tenant.cell);
  const manifest = manifestIn(
    { path: `${slug} as of deployment ${number}`, tenant: then, hash: hashTenant(then) },
    home,
  );
  return {
    slug,
    from: from.number,
    to: to.number,
    manifest,
    changes: diffManifests(from.inputs, manifest.tenant),
    stays: [
      ...(await placeThatStays(runtime, { tenant, home, then })),
      ...(await keysThatStay(runtime, tenant, then, from)),
      ...backupsThatStay(then, from),
      ...programThatStays(to),
    ],
  };
};

const requireApplied = (slug: string, to: Deployment, deployments: readonly Deployment[]): void => {
  const isGood = ({ appliedAt, inputs }: Deployment): boolean =>
    appliedAt !== null && Object.keys(inputs).length > 0;
  if (isGood(to)) return;
  const good = deployments.filter(isGood).map(({ number }) => number);
  throw new RingfenceError(
    'conflict',
    to.appliedAt === null
      ? `deployment ${to.number} of ${slug} ended as ${to.outcome} before it was in force`
      : `an earlier version of Ringfence has not kept what deployment ${to.number} of ${slug} was made of`,
    {
      fix:
        good.length > 0
          ? `choose from: ${good.join(', ')}`
          : `deploy it with \`ringfence tenants apply ${slug}\``,
    },
  );
};

/** A rollback moves nobody. */
const placeThatStays = async (
  { control }: Runtime,
  { tenant, home, then }: { readonly tenant: RegisteredTenant; readonly home: Cell; readonly then: Tenant },
): Promise<string[]> => {
  const isThere =
    then.tier === home.tier &&
    (then.region === undefined || then.region === home.region) &&
    (then.cell === undefined || then.cell === home.name);
  if (isThere) return [];
  const was = `${then.tier} in ${then.cell ?? then.region}`;
  const place = `the place: it was ${was}, and lives in cell ${home.name} (${home.tier}, ${home.region}) by now; a rollback of a deployment moves nobody`;
  const move = await findOpenMove(control, tenant.id);
  if (move?.windowEndsAt)
    return [
      `${place}. \`ringfence operations rollback ${move.id}\` brings it back to cell ${move.source} with what was written since, until ${move.windowEndsAt.toISOString()}`,
    ];
  const gone = tenant.placements.filter(({ state }) => state === 'left').map(({ cell }) => cell);
  return [
    gone.length > 0
      ? `${place}, and its rows in ${gone.join(', ')} are deleted: \`ringfence tenants move\` copies it`
      : place,
  ];
};

const keysThatStay = async (
  { control }: Runtime,
  { id }: RegisteredTenant,
  then: Tenant,
  from: Deployment,
): Promise<string[]> => {
  const destroyed = (await wrappedKeys(control).list(id))
    .filter(({ destroyedAt }) => destroyedAt !== null)
    .map(({ version }) => version);
  const { customerKey } = then.keys;
  const now = (from.inputs.keys as { customerKey?: string } | undefined)?.customerKey;
  return [
    ...(destroyed.length > 0
      ? [`destroyed keys: version ${destroyed.join(', ')}; what only they open stays closed`]
      : []),
    ...(customerKey !== undefined && customerKey !== now
      ? [`the customer's grant: ${customerKey} has to open again, which its holder decides`]
      : []),
  ];
};

const RETENTIONS = ['retentionDays', 'retentionWeeks', 'retentionMonths'] as const;

const backupsThatStay = ({ backup }: Tenant, from: Deployment): string[] => {
  const now = from.inputs.backup as Partial<typeof backup> | undefined;
  return RETENTIONS.some((name) => backup[name] > (now?.[name] ?? backup[name]))
    ? ['backups that have ended since: those of that time were kept longer than those of today']
    : [];
};

const programThatStays = ({ programVersion: version, toolkitVersion }: Deployment): string[] =>
  !isOfOtherProgram(version)
    ? []
    : [
        `the release: ${toolkitVersion ?? 'an earlier one'} deployed it, and this one deploys it now; tables stay as they are`,
      ];
