import { isReserved } from './keywords.js';
import { Lexeme, Scanner } from './scanner.js';

/** Puts a name in backticks. */
export function quote(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** Returns whether the name has to be quoted to be parsed as the same name. */
export function needsQuotes(name: string): boolean {
  if (name !== name.toUpperCase() || name === '') return true;
  const scanner = new Scanner(name);
  if (!scanner.next() || scanner.start !== 0 || scanner.end !== name.length) return true;
  if (scanner.kind === Lexeme.Word) return isReserved(name);
  return scanner.kind !== Lexeme.DigitWord;
}

/** Formats a name for a statement, in backticks only if necessary. */
export function quoteIfNeeded(name: string): string {
  return needsQuotes(name) ? quote(name) : name;
}

/** Formats a text as a string literal. */
export function quoteString(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
