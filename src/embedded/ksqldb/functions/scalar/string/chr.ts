import { nullSafe, P_INT, P_STRING, param, scalar, signature } from '../../define.js';
import type { ScalarFunction } from '../../function.js';
import { KsqlFunctionException } from '../../function-error.js';

const LETTERS: Readonly<Record<string, string>> = { b: '\b', n: '\n', t: '\t', f: '\f', r: '\r' };

/** Resolves the escapes of Java's string literals, octal ones included. */
function unescapeJava(text: string): string {
  return text.replace(
    /\\(?:u+\+?([0-9a-fA-F]{4})|([0-3][0-7]{0,2}|[4-7][0-7]?)|(u)|([\s\S]?))/g,
    (_all, unicode?: string, octal?: string, broken?: string, letter?: string) => {
      if (unicode !== undefined) return String.fromCharCode(Number.parseInt(unicode, 16));
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      if (broken !== undefined) {
        throw new KsqlFunctionException(`Unable to parse the unicode escape in '${text}'`);
      }
      return LETTERS[letter ?? ''] ?? letter ?? '';
    },
  );
}

export const CHR: ScalarFunction = scalar(
  'CHR',
  { category: 'STRING', description: 'The character with a given code.', author: '' },
  signature(
    [param('decimalCode', P_INT, 'A Unicode code point')],
    P_STRING,
    nullSafe((code: number) => (code < 0 || code > 0x10ffff ? null : String.fromCodePoint(code))),
  ),
  signature(
    [param('utf16Code', P_STRING, "A UTF-16 code, such as '\\u004b'")],
    P_STRING,
    nullSafe((code: string) => (code.length < 6 || !code.startsWith('\\u') ? null : unescapeJava(code))),
  ),
);
