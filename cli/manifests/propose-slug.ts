import { isSlug } from '../../manifest/index.js';

const MAX_LENGTH = 40;
/** Latin letters that Unicode does not take apart into a base letter and a mark. */
const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
};

/**
 * A slug that resembles `name`: accents are dropped and everything but letters and digits becomes a hyphen.
 * `kind` stands in where nothing of the name is left (another script) and before a digit or a name too short.
 * A number is added while `taken` says yes.
 */
export const proposeSlug = (
  name: string,
  kind: string,
  taken: (slug: string) => boolean = () => false,
): string => {
  const folded = asciiFold(name);
  const wanted = isSlug(folded) ? folded : shorten([kind, folded].filter(Boolean).join('-'));
  let proposed = wanted;
  for (let count = 2; taken(proposed); count++) proposed = shorten(wanted, `-${count}`);
  return proposed;
};

const asciiFold = (name: string): string =>
  shorten(
    name
      .normalize('NFKD')
      .toLowerCase()
      .replace(/[ßæœøłđðþı]/g, (letter) => LETTERS[letter] ?? '')
      .replace(/[\p{M}.'’·]/gu, '')
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, ''),
  );

const shorten = (text: string, ending = ''): string =>
  text.slice(0, MAX_LENGTH - ending.length).replace(/-$/, '') + ending;
