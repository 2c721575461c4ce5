import { z } from 'zod';
import { LEVELS } from '../../policies/rule.js';
import { SUBJECT_KINDS } from '../../policies/subject.js';
import { failure } from '../view.js';
import { OUTCOMES } from './outcome.js';

const exceptionView = z.strictObject({
  rule: z.string(),
  tenant: z.string().optional(),
  resource: z.string(),
  owner: z.string(),
  reason: z.string(),
  until: z.string().describe('its last day, in UTC'),
});

const place = {
  rule: z.string(),
  level: z.enum(LEVELS).describe('a violation of a mandatory rule stops a deployment'),
  on: z.enum(SUBJECT_KINDS),
  subject: z.string().describe('`manifest <slug>`, a URN, or the name of an observed thing'),
  exception: exceptionView.nullable().describe('who answers for what is not kept; null where nobody does'),
};

const judgementView = z.discriminatedUnion('verdict', [
  z.strictObject({ ...place, verdict: z.literal('passed') }),
  z.strictObject({ ...place, verdict: z.literal('violated'), message: z.string(), fix: z.string() }),
  z.strictObject({
    ...place,
    verdict: z.literal('cannot-tell').describe('has not passed'),
    unknown: z.string().describe('what is unknown, and who would know it'),
  }),
]);

/** What the rules say, one for each subject that a rule is about. */
export const judgementsView = z.array(judgementView);

const ruleView = z.strictObject({
  name: z.string(),
  description: z.string(),
  why: z.string(),
  level: z.enum(LEVELS),
  judges: z.array(z.enum(['manifests', 'resources', 'changes', 'facts'])),
  exceptions: z.boolean().describe('whether somebody may make an exception'),
});

export const rulesView = z.array(ruleView);

export const explainedRuleView = ruleView.extend({ inForce: z.array(exceptionView) });

/** What `policies check` found out about each tenant. */
export const checkedView = z.array(
  z.strictObject({
    slug: z.string(),
    outcome: z.enum(OUTCOMES).describe('only `kept` is good: what cannot be told is `unproven`'),
    judgements: judgementsView,
    error: failure.nullable().describe('why a part could not be judged; null where all was'),
  }),
);
