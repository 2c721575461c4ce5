import { checkTenant } from '../../manifest/index.js';

/** What is wrong with an answer, in words for the person; undefined when nothing is. */
export type Check<Value> = (value: Value) => string | undefined;

/**
 * What the manifest's schema says at a place of a tenant that may still be incomplete, or below that place.
 * The wizard has no rules of its own: each answer is put where it belongs and looked at with this.
 */
export const problemAt = (tenant: unknown, ...at: readonly PropertyKey[]): string | undefined => {
  const result = checkTenant(tenant);
  if (result.ok) return undefined;
  const found = result.problems.find(({ path }) => at.every((key, index) => path[index] === key));
  return found === undefined
    ? undefined
    : found.message.replace(/^(?:is|has|holds|closes|overlaps|leads)\b/, 'This $&');
};
