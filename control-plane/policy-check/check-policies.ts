import type { LoadedManifest, RingfenceError } from '../../manifest/index.js';
import { type Judgement, judge } from '../../policies/judge.js';
import type { Subject } from '../../policies/subject.js';
import { tenantStack } from '../../stacks/names.js';
import { getCell } from '../cells/store.js';
import { deployedManifest } from '../deployments/deployed-manifest.js';
import { failureOf } from '../operation/failure.js';
import { type Outcome, outcomeOf } from '../policies/outcome.js';
import { promisesOfCell, promisesOfTenant } from '../policies/promises.js';
import { stacksOfCell } from '../policies/stacks.js';
import { stateSubjects } from '../policies/subjects.js';
import { judgeDeployment } from '../provisioning/judge-deployment.js';
import { previewTenant } from '../provisioning/preview-tenant.js';
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
 */
export const checkPolicies = async (
  runtime: Runtime,
  manifests: readonly LoadedManifest[],
  options: { live: boolean },
): Promise<CheckedTenant[]> => {
  const checked: CheckedTenant[] = [];
  for (const manifest of manifests) {
    const { slug } = manifest.tenant;
    const judgements: Judgement[] = [];
    let error: RingfenceError | null = null;
    const parts = [
      () => judgeComing(runtime, manifest),
      ...(options.live ? [() => judgeLive(runtime, slug)] : []),
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

/** By the promises of the manifest as it was deployed. */
const judgeLive = async (runtime: Runtime, slug: string): Promise<Judgement[]> => {
  const registered = await findTenant(runtime.control, slug);
  const deployed = await deployedManifest(runtime.control, slug);
  if (!registered || !deployed) return [];
  const home = await getCell(runtime.control, registered.cell);
  const ofTenant = await promisesOfTenant(runtime, { cell: home, tenant: deployed.tenant });
  const judgements = judge(stateSubjects(runtime, tenantStack(slug)), ofTenant);
  for (const name of inhabitedCells(registered)) {
    const promises = await promisesOfCell(runtime, { cell: await getCell(runtime.control, name) });
    for (const stack of stacksOfCell(name))
      judgements.push(...judge(stateSubjects(runtime, stack), promises));
  }
  return [...judgements, ...judge(await factsOf(runtime, slug), ofTenant)];
};

/** A label of ours that accuses counts as the word of a holder; one that acquits counts for nothing. */
const factsOf = async (runtime: Runtime, slug: string): Promise<Subject[]> =>
  (await residencyOf(runtime, slug)).rows.map(({ part, what, region, declared, verdict, evidence }) => {
    const told = { what: `${part}: ${what}`, evidence };
    const place = region ?? (verdict === 'outside' ? declared : null);
    if (place !== null) return { kind: 'fact', found: { ...told, answer: 'region', region: place } };
    return { kind: 'fact', found: { ...told, answer: verdict === 'none' ? 'none' : 'unknown' } };
  });
