import type { z } from 'zod';
import { RingfenceError } from '../../core/errors.js';

/**
 * Returns the printed form of a value, by its view.
 * @throws RingfenceError `internal`, with the places but not the values, for a value that does not fit its view.
 */
export const show = (view: z.ZodType | undefined, value: unknown): unknown => {
  const shown = view?.safeParse(value);
  if (shown?.success) return shown.data;
  const wrong = shown?.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'all of it'}: ${message}`,
  );
  throw new RingfenceError('internal', `the result is not as documented: ${wrong?.join('; ') ?? 'no view'}`, {
    fix: 'the command has done what it was asked for; without --json it prints that',
  });
};
