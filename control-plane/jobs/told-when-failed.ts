import { RingfenceError } from '../../core/errors.js';
import { translateForeignError } from '../../data-plane/foreign-errors.js';
import type { Alert } from './alert.js';
import type { TaskContext } from './task.js';

/** Names a failed job, and words its failure by the code of the error. */
export interface Failing {
  /** What failed, as in `backup of clinica-sonrisa`. */
  readonly what: string;
  readonly alert: (code: string) => Alert;
  /** True for the last try. Only then somebody is alerted. */
  readonly lastTry: boolean;
}

/** Runs a job. Reports a failure and throws it on, so that the queue tries again. */
export const toldWhenFailed = async (
  { say, alert }: TaskContext,
  failing: Failing,
  work: () => Promise<void>,
): Promise<void> => {
  try {
    await work();
  } catch (error) {
    const failure = translateForeignError(error);
    const code = failure instanceof RingfenceError ? failure.code : 'internal';
    say(`${failing.what} failed: ${code}`);
    if (failing.lastTry) await alert(failing.alert(code));
    throw error;
  }
};
