import type { Policies, PolicyResource, ResourceValidationArgs } from '@pulumi/policy';
import { type Judgement, judge } from '../../policies/judge.js';
import type { Rule } from '../../policies/rule.js';
import { RULES } from '../../policies/rules/index.js';
import type { Promises, Subject } from '../../policies/subject.js';
import { fromWire } from '../../policies/wire-values.js';

type PackResource = Pick<
  PolicyResource | ResourceValidationArgs,
  'urn' | 'type' | 'name' | 'props' | 'opts' | 'provider'
>;

/** What a rule says that does not pass, as a policy pack says it. */
const saidOf = (judgement: Judgement): { message: string; stops: boolean } | undefined => {
  if (judgement.verdict === 'passed') return undefined;
  const { exception } = judgement;
  const said =
    judgement.verdict === 'violated'
      ? `${judgement.message}; fix: ${judgement.fix}`
      : `cannot tell: ${judgement.unknown}`;
  return {
    message: exception
      ? `${said}; excused until ${exception.until} by ${exception.owner}: ${exception.reason}`
      : said,
    stops: judgement.verdict === 'violated' && judgement.level === 'mandatory' && !exception,
  };
};

/**
 * The rules as policies of a pack. What stops a deployment is mandatory; what cannot be told, and what is excused, is shown by an
 * advisory twin. A pack is not told what is deleted or replaced, so rules about changes are not among them.
 * @param promisesOf the promises about a stack.
 */
export const packPolicies = (promisesOf: (stack: string) => Promise<Promises>): Policies =>
  RULES.filter(({ judgeResource }) => judgeResource).flatMap((rule) =>
    [true, false].map((stops) => {
      const policy = {
        name: stops ? rule.name : `${rule.name}-open`,
        description: rule.description,
        enforcementLevel: stops ? ('mandatory' as const) : ('advisory' as const),
      };
      const report = async (
        resources: readonly PackResource[],
        tell: (message: string, urn: string) => void,
      ): Promise<void> => {
        for (const { subject, said } of await judged(rule, resources, promisesOf))
          if (said.stops === stops) tell(said.message, subject);
      };
      return rule.looksAround
        ? { ...policy, validateStack: ({ resources }, tell) => report(resources, tell) }
        : { ...policy, validateResource: (resource, tell) => report([resource], (message) => tell(message)) };
    }),
  );

const judged = async (
  rule: Rule,
  resources: readonly PackResource[],
  promisesOf: (stack: string) => Promise<Promises>,
) => {
  const [first] = resources;
  if (!first) return [];
  const promises = await promisesOf(stackOf(first.urn));
  return judge(resources.map(subjectOf), promises, [rule]).flatMap((judgement) => {
    const said = saidOf(judgement);
    return said ? [{ subject: judgement.subject, said }] : [];
  });
};

/** urn:pulumi:<stack>::<project>::<type>::<name> */
const stackOf = (urn: string): string => urn.split('::')[0]?.split(':').at(-1) ?? '';

const subjectOf = ({ urn, type, name, props, opts, provider }: PackResource): Subject => ({
  kind: 'resource',
  urn,
  type,
  name,
  inputs: fromWire(bare(props)),
  outputs: {},
  protect: opts.protect,
  provider: provider && fromWire(bare(provider.props)),
});

/** The SDK throws where an unknown value is read; what stands behind its proxy does not. */
const bare = (props: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(Object.getOwnPropertyDescriptors(props)).map(([key, { value }]) => [key, value]),
  );
