import type { AskDimension } from '../dimension.js';
import { askPairs } from './pairs.js';

type Pairs = readonly (readonly [string, string])[];

/** What the assistant may answer from. */
export const askKnowledgeBase: AskDimension = async ({ prompts, check }) => {
  const faqOf = (pairs: Pairs) => pairs.map(([question, answer]) => ({ question, answer }));
  const policiesOf = (pairs: Pairs) => pairs.map(([title, text]) => ({ title, text }));
  const prose = (key: 'directions' | 'parking' | 'firstVisit', message: string): Promise<string> =>
    prompts.text({
      message,
      check: (text) => check({ knowledgeBase: { [key]: text } }, 'knowledgeBase', key),
    });
  const faq = await askPairs(prompts, {
    first: 'A question that patients ask often',
    second: 'Its answer',
    keys: ['question', 'answer'],
    check: (pairs, ...at) => check({ knowledgeBase: { faq: faqOf(pairs) } }, 'knowledgeBase', 'faq', ...at),
  });
  const policies = await askPairs(prompts, {
    first: 'Title of a policy, such as Cancellation',
    second: 'What does it say?',
    keys: ['title', 'text'],
    check: (pairs, ...at) =>
      check({ knowledgeBase: { policies: policiesOf(pairs) } }, 'knowledgeBase', 'policies', ...at),
  });
  const directions = await prose('directions', 'How does one get there?');
  const parking = await prose('parking', 'Where can one park?');
  const firstVisit = await prose('firstVisit', 'What does a new patient have to know and bring?');
  return {
    knowledgeBase: {
      faq: faqOf(faq),
      policies: policiesOf(policies),
      directions,
      parking,
      firstVisit,
    },
  };
};
