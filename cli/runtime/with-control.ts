import type { Submitter } from '../../control-plane/submissions/submit.js';
import type { Context } from '../terminal/context.js';
import { isFresh, withRuntime } from './with-runtime.js';

/** Opens the control database for one command: the one that RINGFENCE_CONTROL_URL names, else the project's own. */
export const withControl = async <T>(
  context: Context,
  work: (submitter: Submitter) => Promise<T>,
): Promise<T> => {
  const url = urlOf(context);
  if (url === undefined) return withRuntime(context, work);
  const { openControlAt } = await import('../../control-plane/submissions/control-at.js');
  const control = await openControlAt(url, context.terminal.env.RINGFENCE_CONTROL_CA || undefined);
  try {
    return await work({ control, caller: context.caller });
  } finally {
    await control.end();
  }
};

/** Whether there is a control database to submit to. */
export const hasControl = async (context: Context): Promise<boolean> =>
  urlOf(context) !== undefined || !(await isFresh(context));

const urlOf = ({ terminal }: Context): string | undefined => terminal.env.RINGFENCE_CONTROL_URL || undefined;
