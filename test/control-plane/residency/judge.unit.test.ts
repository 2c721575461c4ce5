import { describe, expect, it } from 'vitest';
import { type Asked, judge, outcomeOf, type Verdict } from '../../../control-plane/residency/judge.js';
import type { Whereabouts } from '../../../core/whereabouts.js';

const said = (answer: 'none' | 'unknown' | string): Whereabouts => {
  const thing = { what: 'a thing', evidence: 'read' };
  return answer === 'none' || answer === 'unknown'
    ? { ...thing, answer }
    : { ...thing, answer: 'region', region: answer };
};

describe('A thing is', () => {
  it.each<[Verdict, Asked, string | null, string]>([
    ['inside', 'eu', null, 'eu-west-1'],
    ['inside', 'eu-west-1', null, 'eu-west-1'],
    ['inside', 'any', null, 'mars-north-1'],
    ['outside', 'eu', null, 'us-east-1'],
    ['outside', 'eu', null, 'eu-west-2'],
    ['outside', 'de', null, 'eu-west-1'],
    ['outside', 'eu-central-1', null, 'eu-west-1'],
    ['outside', 'eu-central-1', null, 'mars-north-1'],
    // What its holder says outweighs what we say.
    ['outside', 'eu', 'eu-central-1', 'us-east-1'],
    ['inside', 'eu', 'us-east-1', 'eu-central-1'],
    // Nobody tells: a label accuses, and acquits of nothing.
    ['outside', 'eu', 'us-east-1', 'unknown'],
    ['cannot-tell', 'eu', 'eu-central-1', 'unknown'],
    ['cannot-tell', 'eu', null, 'unknown'],
    ['cannot-tell', 'any', 'eu-central-1', 'unknown'],
    ['cannot-tell', 'eu', null, 'mars-north-1'],
    ['none', 'eu', 'us-east-1', 'none'],
  ])('%s when %s is asked, we say %s and its holder says %s', (verdict, asked, declared, answer) => {
    expect(judge(asked, declared, said(answer))).toBe(verdict);
  });
});

it('is proven only when nothing is outside and nothing cannot be told', () => {
  expect(outcomeOf(['inside', 'none'])).toBe('proven');
  expect(outcomeOf(['inside', 'cannot-tell', 'none'])).toBe('unproven');
  expect(outcomeOf(['inside', 'cannot-tell', 'outside'])).toBe('violated');
});
