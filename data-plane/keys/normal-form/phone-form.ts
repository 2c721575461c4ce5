import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { asciiDigits } from './digits.js';
import { nameForm } from './name-form.js';

const UNSEEN = /(?!\p{White_Space})[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}]/gu;
const PUNCTUATION = /[\p{White_Space}[\]./\p{Pd}\u2212]/gu;
const PARENTHESES = /[()]/g;
/** As RFC 3966 begins a number. */
const SCHEME = /^tel:/i;
const INTERNATIONAL = /^(?:\+|00)+(?=[1-9])/;
/** In Italy, San Marino and the Vatican a leading 0 belongs to the number. */
const TRUNK_ZERO = /^(\+(?!39|378)\d{1,3}\)?)\(0\)/;
/** E.164 allows 15 digits. */
const NATIONAL = /^\d{1,15}$/;
const UNKNOWN_COUNTRY = /^\+\d+$/;
/** A text that is no number; no number begins with it. */
const TEXT_MARK = '#';
/** The library takes one trunk prefix off at a time; text that is hardly a number may have several. */
const READINGS_MAX = 16;

/**
 * The normal form of a phone number (docs/formats.md, blind index): `+` and digits, with `;ext=` where it has an
 * extension; digits alone where it has no country code; `#` and the normal form of a name where it is no number. Empty
 * where that is empty. Idempotent, and the same for all normalisation forms of a text.
 */
export const phoneForm = (phone: string): string => {
  const visible = asciiDigits(phone.normalize('NFKC')).replace(UNSEEN, '').trim().replace(SCHEME, '');
  const written = visible.replace(PUNCTUATION, '').replace(/^\(+/, '');
  const digits = written.replace(PARENTHESES, '');
  if (!INTERNATIONAL.test(digits)) return NATIONAL.test(digits) ? digits : textForm(phone);
  const read = readInternational(written.replace(INTERNATIONAL, '+').replace(TRUNK_ZERO, '$1'));
  if (read !== undefined) return read;
  const plain = digits.replace(INTERNATIONAL, '+');
  return UNKNOWN_COUNTRY.test(plain) ? plain : textForm(phone);
};

const readInternational = (number: string): string | undefined => {
  let form: string | undefined;
  let next: string | undefined = number;
  for (let readings = 0; next !== form && readings < READINGS_MAX; readings++) {
    form = next;
    const parsed = parsePhoneNumberFromString(form, { extract: false });
    if (!parsed) return readings === 0 ? undefined : form;
    next = parsed.ext ? `${parsed.number};ext=${parsed.ext}` : parsed.number;
  }
  return form;
};

const textForm = (text: string): string => {
  const form = nameForm(text);
  return form === '' ? '' : TEXT_MARK + form;
};
