import type { Prompts } from '../prompts.js';

/** Texts asked one after the other until one is left empty. `check` sees all of them and the place of the new one. */
export const askTexts = (
  prompts: Prompts,
  message: string,
  check: (texts: string[], place: number) => string | undefined,
): Promise<string[]> =>
  prompts.each<string>(
    async (before) =>
      (await prompts.text({
        message,
        onEnter: before.length === 0 ? 'none' : 'no more',
        check: (text) => check([...before, text], before.length),
      })) || undefined,
  );

/** The entries of a list with commas between them. */
export const splitList = (text: string): string[] =>
  text
    .split(/[,،]/)
    .map((entry) => entry.trim())
    .filter(Boolean);
