import { asciiDigits } from './digits.js';

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
const foldVariants = (upperCase: string): string =>
  upperCase
    .replace(VARIANTS, (letter) => STANDS_FOR.get(letter) ?? letter)
    .replace(KATAKANA, (kana) => String.fromCharCode(kana.charCodeAt(0) - HIRAGANA_DISTANCE));

/**
 * Invisible characters: tatweel, iota subscript, direction marks, joiners, soft hyphens, variation selectors, controls,
 * lone surrogates.
 */
const UNSEEN = /(?!\p{White_Space})(?:[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}\p{Cs}\u0640]|\u0345)/gu;
/** Characters between words and letters; also apostrophes that Unicode counts as letters. High hamza is one of these. */
const SEPARATORS =
  /[\p{White_Space}\p{P}\p{S}\p{Z}\p{Extended_Pictographic}\u02b0-\u02ff\u0674\ua78b\ua78c]+/gu;
/** Marks that are accents or vowel points, and marks that stand on no letter. In other scripts they are letters. */
const ACCENTS =
  /(^|[^\p{L}\p{M}\p{Cn}\p{Co}]|(?!\p{M})[\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}\p{sc=Arabic}\p{sc=Hebrew}\p{sc=Syriac}])\p{M}+/gu;
const ENDS_WITH_DIGIT = /[0-9]$/;
const BEGINS_WITH_DIGIT = /^[0-9]/;

/**
 * The normal form of a person's name (docs/formats.md, blind index): its letters and digits, whatever their case,
 * accents, vowel points and spacing. Idempotent, and the same for all normalisation forms of a text.
 */
export const nameForm = (name: string): string => {
  const visible = asciiDigits(name.normalize('NFKD')).replace(UNSEEN, '');
  const joined = visible.replace(SEPARATORS, (run, at: number) =>
    ENDS_WITH_DIGIT.test(visible.slice(at - 1, at)) && BEGINS_WITH_DIGIT.test(visible.slice(at + run.length))
      ? ' '
      : '',
  );
  // By way of the lower case, because that of capital sharp s alone becomes SS.
  const upperCase = joined.replace(ACCENTS, '$1').toLowerCase().toUpperCase();
  return foldVariants(upperCase).normalize('NFKD');
};
