import { RingfenceError } from '../../core/errors.js';
import { edgeStack } from '../../stacks/names.js';
import { cloudflareToken } from '../../targets/edge/cloudflare/credentials.js';
import { deployedEdges } from '../engine/run/deployed-edges.js';
import { requirePlugin } from '../engine/run/require-plugin.js';
import { destroyStack } from '../engine/run/stack-run.js';
import { withLock } from '../project/lock.js';
import type { Project } from '../project/project.js';
import { openState } from '../project/state/open-state.js';
import type { Runtime } from '../runtime.js';

/** @throws RingfenceError `usage` where none is deployed, or several are. */
export const onlyEdge = async (project: Project, env: NodeJS.ProcessEnv): Promise<string> => {
  const [only, ...others] = await deployedEdges(openState(project, env));
  if (only !== undefined && others.length === 0) return only;
  const problem =
    only === undefined
      ? 'no edge is deployed'
      : `several edges are deployed: ${[only, ...others].join(', ')}`;
  throw new RingfenceError('usage', problem, {
    fix: only === undefined ? 'deploy it with `ringfence edge deploy`' : 'name one',
  });
};

/** Takes an edge away, with its hosts, their certificates, and what its objects counted. */
export const takeEdgeDown = (runtime: Runtime, env: NodeJS.ProcessEnv, name: string): Promise<void> =>
  withLock(runtime.control, 'edge', async () => {
    const deployed = await deployedEdges(runtime.state);
    if (!deployed.includes(name))
      throw new RingfenceError('usage', `no edge ${name} is deployed`, {
        fix: `deployed: ${deployed.join(', ') || 'none'}`,
      });
    cloudflareToken(env);
    const runner = await runtime.stackRunner();
    await requirePlugin(runner, 'cloudflare');
    await destroyStack(runner, { stack: edgeStack(name), program: async () => ({}), recover: true });
  });
