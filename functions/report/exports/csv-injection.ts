/**
 * What a spreadsheet would take for a formula: `= + - @` (in full width too), a tab or a line break, first or after
 * anything that programs skip (a byte order mark, white space, control and zero-width characters).
 * Apostrophes in front count as part of it, so that taking one away again gives the original.
 */
const FORMULA = /^'*(?:[\s\p{Cc}\p{Cf}]*[=+\-@＝＋－＠]|[\t\r\n])/u;

/** The text as a cell that no spreadsheet runs: an apostrophe goes before what would be a formula. */
export const withoutFormula = (text: string): string => (FORMULA.test(text) ? `'${text}` : text);

/**
 * What a spreadsheet reads as a number or a date and then changes: a leading zero, 12 digits and more (1.23E+11), an
 * exponent, and numbers with dots: of requirement 3.10 it makes 3.1, of 10.5 in some countries the 10th of May.
 */
const CHANGED_NUMBER = /^(?:0\d+|\d{12,}|\d+(?:\.\d+)?[Ee][+-]?\d+|\d+(?:\.\d+)+)$/;

/** The text as a cell that a spreadsheet neither runs nor changes: account ids stay as they are, as `="012345678901"`. */
export const spreadsheetCell = (text: string): string =>
  CHANGED_NUMBER.test(text) ? `="${text}"` : withoutFormula(text);
