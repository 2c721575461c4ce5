import { RingfenceError } from '../../core/errors.js';
import { translateForeignError } from '../../data-plane/foreign-errors.js';

/** Turns a thrown value into an error that may be shown and kept. @param what names the failed thing, for a foreign error. */
export const failureOf = (thrown: unknown, what: string): RingfenceError => {
  const error = translateForeignError(thrown);
  return error instanceof RingfenceError
    ? error
    : new RingfenceError('internal', `${what} failed`, { cause: error });
};
