import { listCells } from '../../cells/store.js';
import { listAtWork } from '../../submissions/workers.js';
import type { Check } from '../types.js';
import { withControl } from './with-control.js';

const NAME = 'reach';

/** Tells how cells are reached, and whether a worker is at work for those that only a worker reaches. */
export const checkReach: Check = ({ project, env }) =>
  withControl({ project, env }, NAME, 'nobody was asked how cells are reached', async (control) => {
    const cells = await listCells(control);
    const behind = cells.filter(({ reach }) => reach === 'worker').map(({ name }) => name);
    const workers = (await listAtWork(control)).map(({ host, version }) => `${host} (${version})`);
    const data = { behindWorker: behind, workers };
    const atWork = workers.length === 0 ? 'no worker is at work' : `at work: ${workers.join(', ')}`;
    if (behind.length === 0)
      return { name: NAME, status: 'ok', detail: `every cell is reached directly; ${atWork}`, data };
    const detail = `reached by the worker alone: ${behind.join(', ')}; ${atWork}`;
    if (workers.length > 0) return { name: NAME, status: 'ok', detail, data };
    return {
      name: NAME,
      status: 'warn',
      detail,
      fix: 'start `ringfence worker` in their network: nothing works on their rows until then',
      data,
    };
  });
