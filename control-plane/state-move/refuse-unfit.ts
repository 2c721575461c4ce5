import { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';
import { waitForAbandonedRun } from '../engine/run/abandoned-run.js';
import { stacksWithOwnSecrets } from '../engine/run/reseal-settings.js';
import type { Workspace } from '../engine/run/workspace.js';
import { checkpointPath } from '../project/state/stack-files.js';

const NAMED_MAX = 5;

/** @throws RingfenceError `conflict` for stacks that would not come along whole. */
export const refuseUnfit = async (workspace: Workspace, stacks: readonly string[]): Promise<void> => {
  const broken: string[] = [];
  for (const stack of stacks) {
    await waitForAbandonedRun(workspace.state, stack);
    if (isBroken((await workspace.state.read(checkpointPath(stack))) ?? '{}')) broken.push(stack);
  }
  if (broken.length > 0)
    throw new RingfenceError('conflict', `runs of these stacks were broken off: ${first(broken)}`, {
      fix: 'deploy each once more, which goes on with what was begun (`ringfence tenants apply`, `cells up`, `edge deploy`), and type this again',
    });
  const own = stacksWithOwnSecrets(workspace);
  if (own.length > 0)
    throw new RingfenceError(
      'conflict',
      `settings for plain pulumi have secrets of your own, under the seal of the state: of ${first(own)}`,
      {
        fix: 'take each out with `ringfence pulumi -- config rm <name> -s <stack>`, type this again, and set it again afterwards',
      },
    );
};

const first = (names: readonly string[]): string => names.slice(0, NAMED_MAX).join(', ');

/** The engine drops what began and never ended when it imports a stack. */
const checkpoint = z.object({
  checkpoint: z
    .object({ latest: z.object({ pending_operations: z.array(z.unknown()).nullish() }).nullish() })
    .optional(),
});

const isBroken = (text: string): boolean =>
  (checkpoint.parse(JSON.parse(text)).checkpoint?.latest?.pending_operations?.length ?? 0) > 0;
