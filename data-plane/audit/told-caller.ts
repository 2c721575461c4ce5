import type { Caller } from '../../core/caller.js';

/**
 * How an event tells who asked for what the control plane did: the name in its actor, `administrator:<name>`, which an auditor sees
 * by a pseudonym; the rest in its details, which an auditor reads.
 */
export const toldCaller = (
  caller: Caller | undefined,
): { readonly who: string | null; readonly detail: { readonly caller?: Omit<Caller, 'who'> } } => {
  if (caller === undefined) return { who: null, detail: {} };
  const { who, door, correlationId } = caller;
  return { who, detail: { caller: { door, correlationId } } };
};
