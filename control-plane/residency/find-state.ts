import { orUnknown } from '../../core/whereabouts.js';
import type { Runtime } from '../runtime.js';
import type { Finding } from './finding.js';

/** Where the engine's state is, which names the tenant, and what seals it. */
export const findState = async ({ state }: Pick<Runtime, 'state'>): Promise<Finding[]> =>
  (await orUnknown(`engine's state in ${state.name}`, () => state.whereabouts())).map((found) => ({
    part: 'state',
    cell: null,
    declared: null,
    found,
  }));
