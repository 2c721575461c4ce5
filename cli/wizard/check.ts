import { checkTenant } from '../../manifest/index.js';

/** Says what is wrong with an answer, in words for the person; undefined when nothing is. */
export type Check<Value> = (value: Value) => string | undefined;

/**
 * The schema's problems at or below a place of a tenant that may still be incomplete. The wizard has no rules of its own:
 * it puts each answer into its place and checks it with this function.
 */
export const problemAt = (tenant: unknown, ...at: readonly PropertyKey[]): string | undefined => {
  const result = checkTenant(tenant);
  if (result.ok) return undefined;
  const found = result.problems.find(({ path }) => at.every((key, index) => path[index] === key));
  return found === undefined
    ? undefined
    : found.message.replace(/^(?:is|has|holds|closes|overlaps|leads)\b/, 'This $&');
};
