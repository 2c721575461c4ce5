import type { Context } from '../terminal/context.js';
import { isFresh, withRuntime } from './with-runtime.js';

/** Brings the project's signing key back where it was lost. @throws RingfenceError as `bringSigningKey`. */
export const bringBackSigningKey = async (
  context: Context,
  options: { readonly mayBeNew: boolean },
): Promise<void> => {
  const { hasSigningKey } = await import('../../control-plane/erasure/check-certificate.js');
  const { bringSigningKey } = await import('../../control-plane/erasure/certify.js');
  if (!hasSigningKey(context.project) && !(await isFresh(context)))
    await withRuntime(context, (runtime) => bringSigningKey(runtime, options));
};
