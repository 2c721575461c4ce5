import type { Reach } from '../../core/reach.js';
import type { Runtime } from '../runtime.js';
import { type Cell, getCell, recordReach } from './store.js';

/** Says how a cell is reached. Nothing of its server or its network changes. @throws RingfenceError `cell_not_found` */
export const setReach = async ({ control }: Runtime, name: string, reach: Reach): Promise<Cell> => {
  await getCell(control, name);
  await recordReach(control, name, reach);
  return getCell(control, name);
};
