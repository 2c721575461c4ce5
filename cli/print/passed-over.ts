import type { CellPassedOver } from '../../control-plane/cells/passed-over.js';
import type { Runtime } from '../../control-plane/runtime.js';
import { EXIT_STATUS } from '../../core/errors.js';
import type { Context } from '../terminal/context.js';

/** Names the cells that a command for running cells passed over. Where one is lost, the exit status is that of `data_lost`. */
export const sayPassedOver = async (context: Context, runtime: Runtime): Promise<CellPassedOver[]> => {
  const { cellsPassedOver, describePassedOver } = await import('../../control-plane/cells/passed-over.js');
  const passedOver = await cellsPassedOver(runtime);
  for (const one of passedOver) context.say(describePassedOver(one));
  if (passedOver.some(({ state }) => state === 'lost')) context.exitWith(EXIT_STATUS.data_lost);
  return passedOver;
};
