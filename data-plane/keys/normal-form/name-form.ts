import { asciiDigits } from './digits.js';
import { foldVariants } from './letter-variants.js';

/** What is not seen: tatweel, iota subscript, direction marks, joiners, soft hyphens, variation selectors, controls, lone surrogates. */
const UNSEEN = /(?!\p{White_Space})(?:[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}\p{Cs}\u0640]|\u0345)/gu;
/** What stands between words and letters; also apostrophes that Unicode counts as letters. High hamza is one of these. */
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
