import { join } from 'node:path';
import { readReplica } from '../../../data-plane/replica/replica-status.js';
import { targetOf } from '../../../targets/index.js';
import { listCells } from '../../cells/store.js';
import type { Check } from '../types.js';
import { withControl } from './with-control.js';

const NAME = 'replicas';

/** Checks that each local cell has the replica that it should have, and that it follows. */
export const checkReplicas: Check = ({ project, env }) =>
  withControl({ project, env }, NAME, 'nobody was asked which cells have replicas', async (control) => {
    const problems: string[] = [];
    let following = 0;
    for (const cell of await listCells(control)) {
      if (!targetOf(cell).isHere) continue;
      const state = (await readReplica(join(project.home, 'cells', cell.name)))?.state;
      if (state === 'streaming') following++;
      else if (state !== undefined || cell.replicas > 0)
        problems.push(`the replica of ${cell.name} is ${state ?? 'missing'}`);
    }
    const detail = following === 0 ? 'none' : `${following} follow their primaries`;
    if (problems.length === 0) return { name: NAME, status: 'ok', detail };
    return {
      name: NAME,
      status: 'warn',
      detail: problems.join('; '),
      fix: '`ringfence cells up` starts them, or makes them anew',
      data: { problems },
    };
  });
