import { expect, it } from 'vitest';
import { describeJudgements } from '../../../cli/print/judgements.js';
import { outcomeOf } from '../../../control-plane/policies/outcome.js';
import type { Judgement } from '../../../policies/judge.js';

const about = (name: string) => ({
  rule: 'tags',
  level: 'mandatory' as const,
  on: 'resource' as const,
  subject: `urn:pulumi:cell.shared::ringfence::aws:s3/bucket:Bucket::${name}`,
  exception: null,
});
const passed = (name: string): Judgement => ({ ...about(name), verdict: 'passed' });
const violated = (name: string): Judgement => ({
  ...about(name),
  verdict: 'violated',
  message: 'has no tag ringfence:cell',
  fix: 'give it one',
});
const unknown = (name: string): Judgement => ({
  ...about(name),
  verdict: 'cannot-tell',
  unknown: 'its tags',
});
const excused = (judgement: Judgement): Judgement => ({
  ...judgement,
  exception: {
    rule: 'tags',
    resource: judgement.subject,
    owner: 'Ada',
    reason: 'until the move',
    until: '2027-03-31',
  },
});

it('says the same of several subjects once, and counts what passed', () => {
  const judgements = [passed('a'), violated('b'), violated('c'), unknown('d'), excused(violated('e'))];
  expect(describeJudgements(judgements)).toEqual([
    'policy tags violated: Bucket b, Bucket c has no tag ringfence:cell; fix: give it one',
    'policy tags cannot tell: Bucket d: its tags',
    'policy tags violated: Bucket e has no tag ringfence:cell; fix: give it one; excused until 2027-03-31 by Ada: until the move',
    'policies: 1 of 5 judgements passed',
  ]);
});

it('counts what cannot be told as not kept', () => {
  expect(outcomeOf([passed('a')])).toBe('kept');
  expect(outcomeOf([passed('a'), unknown('b')])).toBe('unproven');
  expect(outcomeOf([passed('a'), excused(violated('b')), excused(unknown('c'))])).toBe('excused');
  expect(outcomeOf([excused(violated('a')), unknown('b'), violated('c')])).toBe('violated');
  expect(outcomeOf([{ ...violated('a'), level: 'advisory' }])).toBe('unproven');
});
