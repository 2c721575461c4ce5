import { RingfenceError } from '../../core/errors.js';
import type { Exception } from '../../policies/exceptions/exception.js';
import type { Rule } from '../../policies/rule.js';
import { RULES } from '../../policies/rules/index.js';
import type { Runtime } from '../runtime.js';
import { loadExceptions } from './load-exceptions.js';

/** A rule for people and programs. */
export interface ShownRule extends Pick<Rule, 'name' | 'description' | 'why' | 'level'> {
  readonly judges: ('manifests' | 'resources' | 'changes' | 'facts')[];
  readonly exceptions: boolean;
}

const show = (rule: Rule): ShownRule => ({
  name: rule.name,
  description: rule.description,
  why: rule.why,
  level: rule.level,
  judges: [
    ...(rule.judgeManifest ? (['manifests'] as const) : []),
    ...(rule.judgeResource ? (['resources'] as const) : []),
    ...(rule.judgeChange ? (['changes'] as const) : []),
    ...(rule.judgeFact ? (['facts'] as const) : []),
  ],
  exceptions: rule.withoutExceptions === undefined,
});

export const listRules = (): ShownRule[] => RULES.map(show);

/** A rule, and the exceptions from it that are in force. @throws RingfenceError `policy_not_found` */
export const explainRule = async (
  project: Pick<Runtime, 'project' | 'now'>,
  name: string,
): Promise<ShownRule & { readonly inForce: readonly Exception[] }> => {
  const rule = RULES.find((one) => one.name === name);
  if (!rule)
    throw new RingfenceError('policy_not_found', `there is no rule ${JSON.stringify(name)}`, {
      fix: `choose from: ${RULES.map((one) => one.name).join(', ')}`,
    });
  const exceptions = await loadExceptions(project);
  return { ...show(rule), inForce: exceptions.filter((exception) => exception.rule === name) };
};
