import { RingfenceError } from '../../core/errors.js';
import type { Whereabouts } from '../../core/whereabouts.js';
import type { Tenant } from '../../manifest/index.js';
import { deployedManifest } from '../deployments/deployed-manifest.js';
import type { Runtime } from '../runtime.js';
import { getKnownTenant } from '../tenants/store.js';
import { cellsWithRows } from './cells-with-rows.js';
import { findEdge } from './find-edge.js';
import { findRootKeys } from './find-keys.js';
import { findControlObjects, findObjects } from './find-objects.js';
import { findControlServer, findKeptAside, findServer } from './find-servers.js';
import { findState } from './find-state.js';
import { type Finding, PARTS } from './finding.js';
import { type Asked, judge, type Outcome, outcomeOf, type Verdict } from './judge.js';

/** One thing, where it is, and how that is known. */
interface ResidencyRow extends Pick<Finding, 'part' | 'cell' | 'declared'> {
  readonly what: string;
  readonly asked: Asked;
  /** By the word of its holder; null where nobody tells, and for a thing that there is not. */
  readonly region: string | null;
  readonly verdict: Verdict;
  readonly evidence: string;
}

/** Where everything of a tenant is, against where it was asked to be. */
export interface TenantResidency {
  readonly tenant: string;
  readonly tenantId: string;
  /** Of the manifest as it was deployed; the region is null where a cell was named instead. */
  readonly asked: { readonly residency: Tenant['residency']; readonly region: string | null };
  readonly at: Date;
  readonly outcome: Outcome;
  /** By part. */
  readonly rows: readonly ResidencyRow[];
  /** What is not looked for, so that no outcome says anything about it. */
  readonly limits: readonly string[];
}

const LIMITS = [
  'copies that somebody makes by hand: snapshots copied to another region or account, files taken off a machine, standbys that were cut off, exports',
  'what applications keep of what they read: their logs, caches, mails and the keys in their memory',
  'disks that a machine reads over a network, and tunnels that end on it',
];

/**
 * Asks everybody who holds something of a tenant where it is, also for a removed one. Starts nothing, and changes nothing.
 * @throws RingfenceError `tenant_not_found`, `tenant_erased`; `deployment_not_found` where nobody wrote down what was asked.
 */
export const residencyOf = async (runtime: Runtime, slug: string): Promise<TenantResidency> => {
  const { id, cell: home } = await getKnownTenant(runtime.control, slug);
  const { residency, region } = await askedFor(runtime, slug);
  const machine = await runtime.target.machine();
  const rows = (await findAll(runtime, id, slug))
    .sort((one, other) => PARTS.indexOf(one.part) - PARTS.indexOf(other.part))
    .map(({ part, cell, declared, found }): ResidencyRow => {
      const asked = part === 'database' && cell === home ? (region ?? residency) : residency;
      const told = found.answer === 'here' ? onMachine(machine, found) : found;
      return {
        part,
        cell,
        what: told.what,
        asked,
        declared,
        region: told.answer === 'region' ? told.region : null,
        verdict: judge(asked, declared, told),
        evidence: told.evidence,
      };
    });
  return {
    tenant: slug,
    tenantId: id,
    asked: { residency, region: region ?? null },
    at: runtime.now(),
    outcome: outcomeOf(rows.map(({ verdict }) => verdict)),
    rows,
    limits: LIMITS,
  };
};

const findAll = async (runtime: Runtime, tenantId: string, slug: string): Promise<Finding[]> => {
  const cells = await cellsWithRows(runtime, tenantId);
  const servers = await Promise.all(cells.map((cell) => findServer(runtime, cell)));
  const [objects, control] = await Promise.all([findObjects(runtime, tenantId), findControlObjects(runtime)]);
  return [
    ...(cells.length === 0 ? [NO_SERVER] : servers.flat()),
    ...(await findKeptAside(runtime, cells)),
    ...objects.findings,
    ...(await findRootKeys(runtime, tenantId, [...objects.rootKeyIds, ...control.rootKeyIds])),
    ...(await findControlServer(runtime)),
    ...control.findings,
    ...(await findState(runtime)),
    ...(await findEdge(runtime, slug)),
  ];
};

const NO_SERVER: Finding = {
  part: 'database',
  cell: null,
  declared: null,
  found: {
    what: 'servers with its rows',
    answer: 'none',
    evidence:
      'control.placements: the history of every cell that it left has forgotten it; no running cell has it',
  },
};

const onMachine = (machine: Whereabouts, { what, evidence }: Whereabouts): Whereabouts => ({
  ...machine,
  what,
  evidence: `${evidence}; ${machine.evidence}`,
});

/** As it was deployed: a manifest that was edited since asks for nothing yet. */
const askedFor = async (
  { control }: Runtime,
  slug: string,
): Promise<Pick<Tenant, 'residency' | 'region'>> => {
  const deployed = await deployedManifest(control, slug);
  if (deployed) return deployed.tenant;
  throw new RingfenceError(
    'deployment_not_found',
    `no manifest of tenant ${slug} is kept, so nobody knows what was asked`,
    {
      fix: `deploy it once more with \`ringfence tenants apply ${slug}\``,
    },
  );
};
