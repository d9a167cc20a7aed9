/**
 * Error messages reach logs and topics that more people read than the payments themselves. ksqlDB's texts quote
 * payload in some places; what could be a card number is struck out of them here.
 */

/** Payment cards have 12 digits or more. */
const mostDigits = 11;

/** `text` with all digits replaced by stars if it has as many of them as a card number. */
export function redactDigits(text: string): string {
  let digits = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 48 && code <= 57) digits++;
  }
  return digits > mostDigits ? text.replace(/\d/g, '*') : text;
}
