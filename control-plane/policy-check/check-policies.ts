import type { LoadedManifest, RingfenceError } from '../../manifest/index.js';
import { type Judgement, judge } from '../../policies/judge.js';
import { residency } from '../../policies/rules/residency.js';
import type { Subject } from '../../policies/subject.js';
import { documentOf, UNKNOWN } from '../../policies/values.js';
import { cellStack, edgeStack, infrastructureStack, tenantStack } from '../../stacks/names.js';
import { infrastructureOf } from '../cells/infrastructure.js';
import { type Cell, getCell } from '../cells/store.js';
import { deployedManifest } from '../deployments/deployed-manifest.js';
import { deployedEdges } from '../engine/run/deployed-edges.js';
import { failureOf } from '../operation/failure.js';
import { loadExceptions } from '../policies/load-exceptions.js';
import { type Outcome, outcomeOf } from '../policies/outcome.js';
import { promisesOfCell, promisesOfTenant } from '../policies/promises.js';
import { stateSubjects } from '../policies/subjects.js';
import { previewTenant } from '../previews/preview-tenant.js';
import { judgeDeployment } from '../provisioning/judge-deployment.js';
import { residencyOf } from '../residency/tenant-residency.js';
import type { Runtime } from '../runtime.js';
import { inhabitedCells } from '../tenants/placements.js';
import { findTenant } from '../tenants/store.js';

/** What the policies say of one tenant. */
export interface CheckedTenant {
  readonly slug: string;
  readonly outcome: Outcome;
  readonly judgements: readonly Judgement[];
  /** Why a part of it could not be judged; null where all was. */
  readonly error: RingfenceError | null;
}

/**
 * Asks every policy about each tenant: its manifest, and what a deployment of it would make or change. Changes nothing.
 * @param options.live asks about what is deployed too: the engine's state of its stack and of its cells, and where everything
 * is by the word of whoever holds it.
 * @throws RingfenceError as `loadExceptions`
 */
export const checkPolicies = async (
  runtime: Runtime,
  manifests: readonly LoadedManifest[],
  options: { live: boolean },
): Promise<CheckedTenant[]> => {
  // Nothing can be judged with a file that is wrong, or over: that is no part of one tenant.
  await loadExceptions(runtime);
  const checked: CheckedTenant[] = [];
  for (const manifest of manifests) {
    const { slug } = manifest.tenant;
    const judgements: Judgement[] = [];
    let error: RingfenceError | null = null;
    const parts = [
      () => judgeComing(runtime, manifest),
      ...(options.live ? LIVE.map((part) => () => part(runtime, slug)) : []),
    ];
    for (const part of parts) {
      try {
        judgements.push(...(await part()));
      } catch (thrown) {
        error ??= failureOf(thrown, `tenant ${slug}`);
      }
    }
    const outcome = outcomeOf(judgements);
    // A part that could not be judged is not kept.
    checked.push({
      slug,
      outcome: error && outcome !== 'violated' ? 'unproven' : outcome,
      judgements,
      error,
    });
  }
  return checked;
};

/** The engine runs nothing for a tenant that would not change: then its program tells. */
const judgeComing = async (runtime: Runtime, manifest: LoadedManifest): Promise<readonly Judgement[]> => {
  const { unaffected, judgements } = await previewTenant(runtime, manifest);
  return unaffected ? judgeDeployment(runtime, manifest, {}) : judgements;
};

/** A deployed tenant, with the promises of the manifest as it was deployed. */
const findDeployed = async (runtime: Runtime, slug: string) => {
  const registered = await findTenant(runtime.control, slug);
  const deployed = await deployedManifest(runtime.control, slug);
  if (!registered || !deployed) return undefined;
  const home = await getCell(runtime.control, registered.cell);
  const promises = await promisesOfTenant(runtime, { cell: home, tenant: deployed.tenant });
  return { registered, promises, hasStack: registered.state !== 'removed' };
};

type Part = (runtime: Runtime, slug: string) => Promise<Judgement[]>;

/** The parts of what is deployed. One that cannot be judged leaves the others as they are. */
const LIVE: readonly Part[] = [
  async (runtime, slug) => {
    const found = await findDeployed(runtime, slug);
    return found?.hasStack ? judge(await stateSubjects(runtime, tenantStack(slug)), found.promises) : [];
  },
  async (runtime, slug) => {
    const found = await findDeployed(runtime, slug);
    const judgements: Judgement[] = [];
    for (const name of found ? inhabitedCells(found.registered) : []) {
      const cell = await getCell(runtime.control, name);
      const promises = await promisesOfCell(runtime, { cell });
      for (const stack of deployedStacks(cell))
        judgements.push(...judge(await stateSubjects(runtime, stack), promises));
    }
    return judgements;
  },
  async (runtime, slug) => {
    const found = await findDeployed(runtime, slug);
    if (!found) return [];
    const judgements: Judgement[] = [];
    for (const name of await deployedEdges(runtime.state))
      judgements.push(
        ...judge(edgeOf(slug, await stateSubjects(runtime, edgeStack(name))), found.promises).filter(
          // Where its objects are, no state tells: each does itself.
          ({ rule }) => rule !== residency.name,
        ),
      );
    return judgements;
  },
  async (runtime, slug) => {
    const found = await findDeployed(runtime, slug);
    return found ? judge(await factsOf(runtime, slug), found.promises) : [];
  },
];

const deployedStacks = (cell: Cell): string[] => [
  ...(cell.port === null ? [] : [cellStack(cell.name)]),
  ...(infrastructureOf(cell) === undefined ? [] : [infrastructureStack(cell.name)]),
];

/** An edge has everybody's entries. What is one tenant's, and what is of all. */
const edgeOf = (slug: string, subjects: readonly Subject[]): Subject[] =>
  subjects.filter((subject) => {
    const tenant = subject.kind === 'state' ? documentOf(subject.inputs.value) : undefined;
    return tenant === undefined || tenant === UNKNOWN || tenant.tenant === slug;
  });

/** A label of ours that accuses counts as the word of a holder; one that acquits counts for nothing. */
const factsOf = async (runtime: Runtime, slug: string): Promise<Subject[]> =>
  (await residencyOf(runtime, slug)).rows.map(({ part, what, region, declared, verdict, evidence }) => {
    const told = { what: `${part}: ${what}`, evidence };
    const place = region ?? (verdict === 'outside' ? declared : null);
    if (place !== null) return { kind: 'fact', found: { ...told, answer: 'region', region: place } };
    return { kind: 'fact', found: { ...told, answer: verdict === 'none' ? 'none' : 'unknown' } };
  });
