/**
 * Error messages reach logs and topics with more readers than the payments themselves. Some of ksqlDB's messages quote
 * payload, so anything that could be a card number is masked here.
 */

/** Payment cards have 12 digits or more. */
const mostDigits = 11;

/** Replaces all digits with stars if the text has as many as a card number. */
export function redactDigits(text: string): string {
  let digits = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 48 && code <= 57) digits++;
  }
  return digits > mostDigits ? text.replace(/\d/g, '*') : text;
}
