/** A number of many digits as spreadsheets shorten it: 3,46E+10. The digits that they leave out are gone. */
const SHORTENED = /^[+-]?\d(?:[.,]\d+)?E[+-]\d{2,3}$/i;
/** #N/A, #REF!, #¡VALOR!, #¿NOMBRE?, and a column that was too narrow. */
const FAILED = /^#(?:N\/[AD]|[¡¿]?[\p{Lu}\d/]+[!?]|#+)$/u;
/** UTF-8 that was read as Windows-1252: Ã±, Ã©, Â·. */
const READ_TWICE = /[ÂÃ][\u0080-\u00bf]/u;
/** '001, ="001", =SUM(...): how spreadsheets keep digits as text, or compute. */
const MARKED = /^(?:'[+\d]|="|=\p{Lu}+\()/u;
const WITH_DECIMALS = /^\+?\d+[.,]0+$/;
const FOREIGN = /[\u0080-\u009f]/u;

/**
 * What the program that wrote a cell did to its value, and what to do about it. Undefined where nothing shows.
 *
 * @param cell as it stands in the file.
 */
export const cellDamage = (cell: string): string | undefined => {
  const trimmed = cell.trim();
  if (SHORTENED.test(trimmed))
    return 'is a number that a spreadsheet shortened (like 1.2E+10), so that digits are lost: format its column as text there, and export again';
  if (FAILED.test(trimmed))
    return 'is an error of a spreadsheet (like #N/A): correct it there, and export again';
  if (MARKED.test(trimmed))
    return 'is a formula, or marked as text, as only a spreadsheet reads it: export its value';
  if (cell.includes('\ufffd'))
    return 'has a character that could not be read (U+FFFD): say the right `encoding` in the mapping, or export again';
  if (cell.includes('\ufeff'))
    return 'has a byte order mark, which only a file begins with: were several files joined? Take it out';
  if (READ_TWICE.test(cell))
    return 'has letters that were read in a wrong encoding (like Ã±): say the right `encoding` in the mapping, or export again as UTF-8';
  if (FOREIGN.test(cell))
    return 'has control characters that no text has: say the right `encoding` in the mapping, or export again';
  return undefined;
};

/** As `cellDamage`, for a cell that identifies somebody: an id of the old system, a phone number. */
export const identifierDamage = (cell: string): string | undefined =>
  WITH_DECIMALS.test(cell.trim())
    ? 'is a number that got decimals (like 1001.0): format its column as text, and export again'
    : cellDamage(cell);
