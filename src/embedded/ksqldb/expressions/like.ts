import { KsqlException } from '../errors.js';

const SPECIAL = /[\\^$.*+?()[\]{}|/]/g;
// In Java's patterns, a dot matches any character except a line terminator.
const ANY = '[^\\n\\r\\u0085\\u2028\\u2029]';

/**
 * Compiles a LIKE pattern: `%` matches any text within a line, `_` one character, and `escapeChar` escapes both.
 *
 * @throws KsqlException if the pattern ends with the escape character
 */
export function likeMatcher(pattern: string, escapeChar: string | undefined): (text: string) => boolean {
  let source = '';
  let escaped = false;
  for (const char of pattern) {
    if (escaped) {
      source += char.replace(SPECIAL, '\\$&');
      escaped = false;
    } else if (char === escapeChar) escaped = true;
    else if (char === '%') source += `${ANY}*`;
    else if (char === '_') source += ANY;
    else source += char.replace(SPECIAL, '\\$&');
  }
  if (escaped) throw new KsqlException('LIKE pattern must not end with escape character');
  const regex = new RegExp(`^(?:${source})$`, 'u');
  return (text) => regex.test(text);
}
