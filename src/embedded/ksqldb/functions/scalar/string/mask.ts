import { NULL_OPERAND } from '../../../types/evaluation-error.js';
import { P_INT, P_STRING, param, scalar, signature } from '../../define.js';
import type { ScalarFunction } from '../../function.js';
import { KsqlFunctionException } from '../../function-error.js';

/** The replacement for characters of each kind; null leaves them unchanged. */
interface Masks {
  readonly upper: string | null;
  readonly lower: string | null;
  readonly digit: string | null;
  readonly other: string | null;
}

const DEFAULT_MASKS: Masks = { upper: 'X', lower: 'x', digit: 'n', other: '-' };

const UPPER = /^\p{Lu}$/u;
const LOWER = /^\p{Ll}$/u;
const DIGIT = /^\p{Nd}$/u;

function maskFor(masks: Masks, code: number): string | null {
  if (code < 128) {
    if (code >= 97 && code <= 122) return masks.lower;
    if (code >= 65 && code <= 90) return masks.upper;
    return code >= 48 && code <= 57 ? masks.digit : masks.other;
  }
  const char = String.fromCodePoint(code);
  if (UPPER.test(char)) return masks.upper;
  if (LOWER.test(char)) return masks.lower;
  return DIGIT.test(char) ? masks.digit : masks.other;
}

/** Like ksqlDB, masks each UTF-16 unit, so a code point outside of the basic plane gives two mask characters. */
function maskText(masks: Masks, text: string): string {
  let masked = '';
  for (let i = 0; i < text.length; i++) {
    const code = text.codePointAt(i)!;
    masked += maskFor(masks, code) ?? String.fromCodePoint(code);
  }
  return masked;
}

function maskCharacter(mask: string | null): string | null {
  if (mask !== null && mask.length !== 1) {
    throw new KsqlFunctionException(
      `Invalid mask character. Must be only single character, but was '${mask}'`,
    );
  }
  return mask;
}

function masksOf(given: readonly (string | null)[]): Masks {
  if (given.length === 0) return DEFAULT_MASKS;
  const [upper, lower, digit, other] = given.map(maskCharacter) as [string, string, string, string];
  return { upper, lower, digit, other };
}

const INPUT = param('input', P_STRING, 'The string to mask');
const MASKS = [
  param('upper', P_STRING, 'The mask for upper-case letters; NULL keeps them'),
  param('lower', P_STRING, 'The mask for lower-case letters; NULL keeps them'),
  param('digit', P_STRING, 'The mask for digits; NULL keeps them'),
  param('other', P_STRING, 'The mask for all other characters; NULL keeps them'),
];
const RULES =
  'Upper-case letters become X, lower-case letters x, digits n and all other characters -, unless masks are given.';

export const MASK: ScalarFunction = scalar(
  'MASK',
  { category: 'STRING', description: `Masks every character of a string. ${RULES}` },
  signature(
    [INPUT],
    P_STRING,
    (input: string | null) => (input === null ? null : maskText(DEFAULT_MASKS, input)),
    'All characters masked by the default rules',
  ),
  signature(
    [INPUT, ...MASKS],
    P_STRING,
    (input: string | null, ...masks: (string | null)[]) => {
      const given = masksOf(masks);
      return input === null ? null : maskText(given, input);
    },
    'All characters masked by the given masks',
  ),
);

/** Splits a string into a masked and an unmasked part, of which one has `count` characters. */
interface Sides {
  readonly cut: (length: number, count: number) => number;
  readonly maskFront: boolean;
}

function partialMask(name: string, what: string, count: string, sides: Sides): ScalarFunction {
  const apply = (input: string | null, numChars: number | null, ...given: (string | null)[]) => {
    const masks = masksOf(given);
    if (numChars === null) throw NULL_OPERAND;
    if (numChars < 0) {
      throw new KsqlFunctionException(
        `function ${name.toLowerCase()} requires a non-negative number of characters to mask or skip`,
      );
    }
    if (input === null) return null;
    const at = sides.cut(input.length, numChars);
    const front = input.slice(0, at);
    const back = input.slice(at);
    return sides.maskFront ? maskText(masks, front) + back : front + maskText(masks, back);
  };
  const parameters = [INPUT, param('numChars', P_INT, count)];
  return scalar(
    name,
    { category: 'STRING', description: `${what} ${RULES}` },
    signature(parameters, P_STRING, apply, 'Masked by the default rules'),
    signature([...parameters, ...MASKS], P_STRING, apply, 'Masked by the given masks'),
  );
}

const fromLeft = (length: number, count: number): number => Math.min(count, length);
const fromRight = (length: number, count: number): number => Math.max(0, length - count);

export const MASK_LEFT: ScalarFunction = partialMask(
  'MASK_LEFT',
  'Masks the first characters of a string.',
  'How many characters to mask at the start',
  { cut: fromLeft, maskFront: true },
);

export const MASK_RIGHT: ScalarFunction = partialMask(
  'MASK_RIGHT',
  'Masks the last characters of a string.',
  'How many characters to mask at the end',
  { cut: fromRight, maskFront: false },
);

export const MASK_KEEP_LEFT: ScalarFunction = partialMask(
  'MASK_KEEP_LEFT',
  'Masks all but the first characters of a string.',
  'How many characters to keep at the start',
  { cut: fromLeft, maskFront: false },
);

export const MASK_KEEP_RIGHT: ScalarFunction = partialMask(
  'MASK_KEEP_RIGHT',
  'Masks all but the last characters of a string.',
  'How many characters to keep at the end',
  { cut: fromRight, maskFront: true },
);
