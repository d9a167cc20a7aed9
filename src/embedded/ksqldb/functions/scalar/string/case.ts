import { nullSafe, P_STRING, param, scalar, signature } from '../../define.js';
import type { ScalarFunction } from '../../function.js';

const CATEGORY = 'STRING';

export const UCASE: ScalarFunction = scalar(
  'UCASE',
  { category: CATEGORY, description: 'The string in upper case.', author: '' },
  signature(
    [param('input', P_STRING, 'The string to convert')],
    P_STRING,
    nullSafe((input: string) => input.toUpperCase()),
  ),
);

export const LCASE: ScalarFunction = scalar(
  'LCASE',
  { category: CATEGORY, description: 'The string in lower case.', author: '' },
  signature(
    [param('input', P_STRING, 'The string to convert')],
    P_STRING,
    nullSafe((input: string) => input.toLowerCase()),
  ),
);

/** Words end at Java's `\s`, which is ASCII only. As in ksqlDB, leading blanks are dropped. */
const WORD = /[^ \t\n\v\f\r]+[ \t\n\v\f\r]*/g;

function capitalise(input: string): string {
  const words = input.toLowerCase().match(WORD) ?? [];
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

export const INITCAP: ScalarFunction = scalar(
  'INITCAP',
  {
    category: CATEGORY,
    description: 'The string with the first letter of each word in upper case and the rest in lower case.',
  },
  signature([param('str', P_STRING, 'The string to convert')], P_STRING, nullSafe(capitalise)),
);
