import { edgeStack } from '../../../stacks/names.js';
import { listStacks } from '../../project/state/stack-files.js';
import type { StateStore } from '../../project/state/state-store.js';

const PREFIX = edgeStack('');

/** Names of the edges that the engine knows. */
export const deployedEdges = async (state: StateStore): Promise<string[]> =>
  (await listStacks(state))
    .filter((stack) => stack.startsWith(PREFIX))
    .map((stack) => stack.slice(PREFIX.length));
