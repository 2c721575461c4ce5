import { RingfenceError } from '../../core/errors.js';
import { translateForeignError } from '../../data-plane/foreign-errors.js';
import type { Alert } from './alert.js';
import type { TaskContext } from './task.js';

/** How a job tells that it failed, by the code of its error. */
export interface Failing {
  /** What failed, as in `backup of clinica-sonrisa`. */
  readonly what: string;
  readonly alert: (code: string) => Alert;
  /** Whether there will be no other try: only then somebody is alerted. */
  readonly lastTry: boolean;
}

/** Runs a job; one that fails says so, and is thrown for the queue to try again. */
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
