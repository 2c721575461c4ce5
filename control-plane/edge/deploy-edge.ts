import type { Judgement } from '../../policies/judge.js';
import type { ResourceChange } from '../engine/run/change.js';
import { requirePlugin } from '../engine/run/require-plugin.js';
import { adoptLost, deployStack, previewStack, type StackRunner } from '../engine/run/stack-run.js';
import { refuseViolations } from '../policies/refuse.js';
import { withLock } from '../project/lock.js';
import type { Runtime } from '../runtime.js';
import { judgeEdge } from './judge-edge.js';
import { type EdgePlan, edgeRun, planEdge } from './plan-edge.js';

/** What a deployment made, or would make. */
export interface EdgeDeployment extends Pick<EdgePlan, 'name' | 'hosts'> {
  readonly closed: EdgePlan['document']['closed'];
  readonly changes: readonly ResourceChange[];
  readonly judgements: readonly Judgement[];
}

/** What a deployment would change, after a look at what there is. @throws RingfenceError as `planEdge`; `engine_missing`. */
export const previewEdge = async (runtime: Runtime, env: NodeJS.ProcessEnv): Promise<EdgeDeployment> => {
  const plan = await planEdge(runtime, env);
  const runner = await runtime.stackRunner();
  await requirePlugin(runner, 'cloudflare');
  const judgements = await judgeEdge(runtime, plan);
  const { run, exists } = plan;
  const changes = await previewStack(runner, { ...run, recover: false, exists, refresh: exists });
  return deploymentOf(plan, changes, judgements);
};

/**
 * Deploys the edge, mends what somebody changed by hand, and takes up again what was broken off, also where the state is lost.
 * @throws RingfenceError as `previewEdge`; `policy_violated` before anything is deployed; `deployment_failed`.
 */
export const deployEdge = (
  runtime: Runtime,
  env: NodeJS.ProcessEnv,
  onChange: (change: ResourceChange) => void,
): Promise<EdgeDeployment> =>
  withLock(runtime.control, 'edge', async () => {
    await runtime.beforeChange();
    const plan = await planEdge(runtime, env);
    const runner = await runtime.stackRunner();
    await requirePlugin(runner, 'cloudflare');
    const judgements = await judgeEdge(runtime, plan);
    refuseViolations(judgements);
    const { run, exists, inputs, keys } = plan;
    const changes: ResourceChange[] = [];
    const told = (change: ResourceChange): void => {
      changes.push(change);
      onChange(change);
    };
    if (plan.lost) await adoptLostThings(runner, run.stack, plan.lost);
    const isKnown = exists || plan.lost !== undefined;
    await deployStack(runner, { ...run, recover: isKnown, refresh: isKnown, onEvent: told });
    runtime.reached('edge-deployed');
    // The platform refuses a migration that it has, so that no later deployment may declare it.
    const settled = edgeRun({ ...inputs, hasObjects: true }, keys);
    if (!inputs.hasObjects) await deployStack(runner, { ...settled, recover: true });
    return deploymentOf(plan, changes, judgements);
  });

const adoptLostThings = async (
  runner: StackRunner,
  stack: string,
  { things, knownId }: NonNullable<EdgePlan['lost']>,
): Promise<void> => {
  const { edgeProviderProgram } = await import('../../stacks/programs/edge/edge.js');
  const lost = things.map(({ urn, type, inputs }) => ({ urn, type, inputs }));
  await adoptLost(runner, stack, { provider: async () => edgeProviderProgram(), lost, knownId });
};

const deploymentOf = (
  { name, hosts, document }: EdgePlan,
  changes: readonly ResourceChange[],
  judgements: readonly Judgement[],
): EdgeDeployment => ({ name, hosts, closed: document.closed, changes, judgements });
