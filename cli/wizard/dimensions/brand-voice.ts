import type { Clinic } from '../../../manifest/index.js';
import type { AskDimension } from '../dimension.js';
import type { Choice } from '../prompts.js';
import { askPairs } from './pairs.js';

const TONES: readonly Choice<Clinic['brandVoice']['tone']>[] = [
  { value: 'professional' },
  { value: 'familiar' },
  { value: 'technical' },
  { value: 'playful' },
];

/** How the clinic speaks to its patients. */
export const askBrandVoice: AskDimension = async ({ prompts, clinic, check }) => {
  const { brandVoice } = clinic;
  const tone = await prompts.choose({
    message: 'Which tone do answers have?',
    choices: TONES,
    byDefault: brandVoice.tone,
  });
  const prompt = await prompts.text({
    message: 'What should the assistant know or do in every conversation?',
    byDefault: brandVoice.prompt,
    check: (text) => check({ brandVoice: { prompt: text } }, 'brandVoice', 'prompt'),
  });
  const examples = await askPairs(prompts, {
    first: 'Example: what a patient asks',
    second: 'Example: an answer in the right voice',
    check: (pairs, ...at) => {
      const list = pairs.map(([question, answer]) => ({ question, answer }));
      return check({ brandVoice: { examples: list } }, 'brandVoice', 'examples', ...at);
    },
    keys: ['question', 'answer'],
  });
  return {
    brandVoice: { tone, prompt, examples: examples.map(([question, answer]) => ({ question, answer })) },
  };
};
