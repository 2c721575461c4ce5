/** Letters that are written for one another in names, each group after the one that stands for it. */
const GROUPS: readonly (readonly [string, string])[] = [
  // Latin, in upper case: letters with a stroke, bar or hook, which Unicode does not decompose, and ligatures.
  ['A', 'Ⱥ'],
  ['AE', 'Æ'],
  ['B', 'ɃƁ'],
  ['C', 'Ȼ'],
  ['D', 'ĐÐƉƊ'],
  ['E', 'Ɇ'],
  ['G', 'ǤƓ'],
  ['H', 'Ħ'],
  ['I', 'Ɨ'],
  ['J', 'Ɉ'],
  ['K', 'Ƙ'],
  ['L', 'ŁȽ'],
  ['N', 'ŊƝ'],
  ['O', 'ØƟ'],
  ['OE', 'Œ'],
  ['P', 'Ƥ'],
  ['R', 'Ɍ'],
  ['T', 'ŦȾƬ'],
  ['TH', 'Þ'],
  ['U', 'Ʉ'],
  ['Y', 'ɎƳ'],
  ['Z', 'ƵȤ'],
  // Arabic and Persian: alef wasla, alef with wavy hamza; Farsi yeh, alef maksura; keheh; teh marbuta, ae, heh goal.
  ['\u0627', '\u0671\u0672\u0673'],
  ['\u064a', '\u06cc\u0649'],
  ['\u0643', '\u06a9\u06aa'],
  ['\u0647', '\u0629\u06d5\u06c1\u06c3'],
  // Hebrew: final forms, and the ligatures of Yiddish.
  ['\u05db', '\u05da'],
  ['\u05de', '\u05dd'],
  ['\u05e0', '\u05df'],
  ['\u05e4', '\u05e3'],
  ['\u05e6', '\u05e5'],
  ['\u05d5\u05d5', '\u05f0'],
  ['\u05d5\u05d9', '\u05f1'],
  ['\u05d9\u05d9', '\u05f2'],
];

const KATAKANA = /[\u30a1-\u30f6\u30fd\u30fe]/g;
const HIRAGANA_DISTANCE = 0x60;

const STANDS_FOR = new Map(
  GROUPS.flatMap(([letter, variants]) => [...variants].map((each) => [each, letter])),
);
const VARIANTS = new RegExp(`[${[...STANDS_FOR.keys()].join('')}]`, 'gu');

/** Replaces each letter by the one that stands for its group, and katakana by hiragana. */
export const foldVariants = (upperCase: string): string =>
  upperCase
    .replace(VARIANTS, (letter) => STANDS_FOR.get(letter) ?? letter)
    .replace(KATAKANA, (kana) => String.fromCharCode(kana.charCodeAt(0) - HIRAGANA_DISTANCE));
