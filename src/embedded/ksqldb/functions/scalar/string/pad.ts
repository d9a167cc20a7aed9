import { P_BYTES, P_INT, P_STRING, param, scalar, signature } from '../../define.js';
import type { ScalarFunction, ScalarSignature } from '../../function.js';
import { KsqlFunctionException } from '../../function-error.js';

/** The limit for the result. ksqlDB runs out of memory somewhere below 2^31, and no record can be this long. */
const MAX_LENGTH = 16 * 1024 * 1024;

function checkLength(length: number): void {
  if (length > MAX_LENGTH) {
    throw new KsqlFunctionException(`Cannot pad to a length of ${length}: the limit is ${MAX_LENGTH}`);
  }
}

function padText(input: string | null, length: number | null, padding: string | null, left: boolean) {
  if (input === null || padding === null || padding === '' || length === null || length < 0) return null;
  if (input.length >= length) return input.slice(0, length);
  checkLength(length);
  return left ? input.padStart(length, padding) : input.padEnd(length, padding);
}

function padBytes(input: Buffer | null, length: number | null, padding: Buffer | null, left: boolean) {
  if (input === null || padding === null || padding.length === 0 || length === null || length < 0) {
    return null;
  }
  if (input.length >= length) return Buffer.from(input.subarray(0, length));
  checkLength(length);
  const fill = Buffer.alloc(length - input.length, padding);
  return Buffer.concat(left ? [fill, input] : [input, fill]);
}

function signatures(left: boolean): readonly ScalarSignature[] {
  return [
    signature(
      [
        param('input', P_STRING, 'The string to pad'),
        param('targetLen', P_INT, 'The length to reach'),
        param('padding', P_STRING, 'What to pad with'),
      ],
      P_STRING,
      (input: string | null, length: number | null, padding: string | null) =>
        padText(input, length, padding, left),
    ),
    signature(
      [
        param('input', P_BYTES, 'The bytes to pad'),
        param('targetLen', P_INT, 'The length to reach'),
        param('padding', P_BYTES, 'What to pad with'),
      ],
      P_BYTES,
      (input: Buffer | null, length: number | null, padding: Buffer | null) =>
        padBytes(input, length, padding, left),
    ),
  ];
}

const RULES =
  'A longer input is cut to that length. NULL for a NULL or empty padding and for a negative length.';

export const LPAD: ScalarFunction = scalar(
  'LPAD',
  {
    category: 'STRING',
    description: `Pads a string, or bytes, at the front until a length is reached. ${RULES}`,
    author: '',
  },
  ...signatures(true),
);

export const RPAD: ScalarFunction = scalar(
  'RPAD',
  {
    category: 'STRING',
    description: `Pads a string, or bytes, at the end until a length is reached. ${RULES}`,
    author: '',
  },
  ...signatures(false),
);
