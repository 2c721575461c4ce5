import { edgeStack } from '../../../stacks/names.js';
import { type Project, stateDir } from '../../project/project.js';
import { listStacks } from './engine-state.js';

const PREFIX = edgeStack('');

/** Names of the edges that the engine knows. */
export const deployedEdges = (project: Project): string[] =>
  listStacks(stateDir(project))
    .filter((stack) => stack.startsWith(PREFIX))
    .map((stack) => stack.slice(PREFIX.length));
