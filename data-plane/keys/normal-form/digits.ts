const DIGIT = /\p{Nd}/u;
const DIGITS_OF_OTHER_SCRIPTS = /(?![0-9])\p{Nd}/gu;

/** Writes the decimal digits of every script as 0-9. */
export const asciiDigits = (text: string): string => text.replace(DIGITS_OF_OTHER_SCRIPTS, digitValue);

/** Digits stand in runs of ten, from 0 to 9 (Unicode Standard, 4.6). */
const digitValue = (digit: string): string => {
  let before = 0;
  while (DIGIT.test(String.fromCodePoint(Number(digit.codePointAt(0)) - before - 1))) before++;
  return String(before % 10);
};
