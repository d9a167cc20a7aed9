/**
 * Error messages reach logs and topics that more people read than the payments themselves. ksqlDB's texts quote
 * payload in some places; what could be a card number is struck out of them here.
 */

const mostDigits = 8;

/** `text` with all digits replaced by stars if it has more of them than a short number or a date has. */
export function redactDigits(text: string): string {
  let digits = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 48 && code <= 57) digits++;
  }
  return digits > mostDigits ? text.replace(/\d/g, '*') : text;
}
