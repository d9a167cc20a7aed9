const FEWEST = 13;
const MOST = 19;

/**
 * Masks card numbers in a text: runs of 13 to 19 digits with a valid check digit (ISO/IEC 7812-1) keep the first six and
 * the last four digits. Used for sample records and for the history, which others may see.
 *
 * @param always mask every run of 13 or more digits, because the text is known to be a card number
 */
export function maskCardNumbers(text: string, always = false): string {
  return text.replace(/\d{13,}/g, (digits) =>
    always || (digits.length <= MOST && hasCheckDigit(digits))
      ? `${digits.slice(0, 6)}${'*'.repeat(digits.length - 10)}${digits.slice(-4)}`
      : digits,
  );
}

function hasCheckDigit(digits: string): boolean {
  if (digits.length < FEWEST) return false;
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    const doubled = i % 2 === 0 ? digit : digit * 2;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
