import { RingfenceError } from '../../../core/errors.js';

/**
 * Runs `work` with a signal that the first Ctrl-C sets off, so that what it made can be taken away by requests that take
 * time. The process's own way of ending on Ctrl-C is back afterwards, and for a second Ctrl-C at once.
 *
 * @param work throws the signal's reason, `cancelled`, when it has taken away what it made.
 */
export const interruptible = async <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const abort = new AbortController();
  const others = process.listeners('SIGINT');
  const giveBack = (): void => {
    if (!process.listeners('SIGINT').includes(interrupt)) return;
    process.removeListener('SIGINT', interrupt);
    for (const listener of others) process.on('SIGINT', listener);
  };
  const interrupt = (): void => {
    giveBack();
    abort.abort(
      new RingfenceError('cancelled', 'cancelled; the copy that was made has been deleted', {
        fix: 'run the same command again',
      }),
    );
  };
  process.removeAllListeners('SIGINT').on('SIGINT', interrupt);
  try {
    return await work(abort.signal);
  } finally {
    giveBack();
  }
};
