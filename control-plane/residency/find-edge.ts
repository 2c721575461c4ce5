import { listStacks } from '../engine/run/engine-state.js';
import { stateDir } from '../project/project.js';
import type { Runtime } from '../runtime.js';
import type { Finding } from './finding.js';

/** Ringfence deploys nothing to an edge; a stack that is no cell's and no tenant's may be somebody's own. */
export const findEdge = ({ project }: Runtime): Finding[] => {
  const stacks = listStacks(stateDir(project));
  const others = stacks.filter((name) => !/^(?:cell|tenant)\./.test(name));
  const finding = (found: Finding['found']): Finding => ({ part: 'edge', cell: null, declared: null, found });
  if (others.length > 0)
    return others.map((name) =>
      finding({
        what: `stack ${name}`,
        answer: 'unknown',
        evidence: "it is in the engine's state, and is not Ringfence's",
      }),
    );
  return [
    finding({
      what: 'data at the edge',
      answer: 'none',
      evidence: `no edge stack in the engine's state: ${stacks.length} stacks of cells and tenants`,
    }),
  ];
};
