import type { CellPassedOver } from '../../control-plane/cells/passed-over.js';
import type { Runtime } from '../../control-plane/runtime.js';
import { EXIT_STATUS } from '../../core/errors.js';
import type { Context } from '../terminal/context.js';

/** Says which cells a command for cells that run did not look at; the exit status is that of `data_lost` where one is lost. */
export const sayPassedOver = async (context: Context, runtime: Runtime): Promise<CellPassedOver[]> => {
  const { cellsPassedOver, describePassedOver } = await import('../../control-plane/cells/passed-over.js');
  const passedOver = await cellsPassedOver(runtime);
  for (const one of passedOver) context.say(describePassedOver(one));
  if (passedOver.some(({ state }) => state === 'lost')) context.exitWith(EXIT_STATUS.data_lost);
  return passedOver;
};
