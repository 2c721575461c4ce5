import { RingfenceError } from '../../core/errors.js';
import { translateForeignError } from '../../data-plane/foreign-errors.js';

/** What was thrown, as an error that may be shown and kept. @param what failed, for one that is not ours. */
export const failureOf = (thrown: unknown, what: string): RingfenceError => {
  const error = translateForeignError(thrown);
  return error instanceof RingfenceError
    ? error
    : new RingfenceError('internal', `${what} failed`, { cause: error });
};
