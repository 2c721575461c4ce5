import type { Prompts } from '../prompts.js';

/** Pairs of texts, such as questions and answers, asked one after the other until the first is left empty. */
export const askPairs = (
  prompts: Prompts,
  question: {
    readonly first: string;
    readonly second: string;
    readonly secondDefault?: string;
    /** How the schema calls the two. */
    readonly keys: readonly [string, string];
    check(pairs: readonly (readonly [string, string])[], ...at: readonly PropertyKey[]): string | undefined;
  },
): Promise<[string, string][]> =>
  prompts.each<[string, string]>(async (before) => {
    const place = before.length;
    const [firstKey, secondKey] = question.keys;
    const first = await prompts.text({
      message: question.first,
      onEnter: place === 0 ? 'none' : 'no more',
      check: (text) => question.check([...before, [text, FILLER]], place, firstKey),
    });
    if (first === '') return undefined;
    const second = await prompts.text({
      message: question.second,
      byDefault: question.secondDefault ?? FILLER,
      check: (text) => question.check([...before, [first, text]], place, secondKey),
    });
    return [first, second];
  });

/** Stands for an answer that the person leaves for later. */
const FILLER = 'Please ask the clinic.';
