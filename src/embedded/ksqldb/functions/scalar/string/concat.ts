import type { Value } from '../../../types/value.js';
import { P_BYTES, P_STRING, scalar, signature, variadic } from '../../define.js';
import type { ScalarFunction } from '../../function.js';
import { KsqlFunctionException } from '../../function-error.js';

const CATEGORY = 'STRING';

function concatText(...inputs: (string | null)[]): string {
  let text = '';
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i]!;
    if (input !== null) text += input;
  }
  return text;
}

function concatBytes(...inputs: (Buffer | null)[]): Buffer {
  return Buffer.concat(inputs.filter((input) => input !== null));
}

function checkTwo(inputs: readonly Value[]): void {
  if (inputs.length < 2) {
    throw new KsqlFunctionException('Function Concat_WS expects at least two input arguments.');
  }
}

function joinText(...inputs: (string | null)[]): string | null {
  checkTwo(inputs);
  const [separator, ...values] = inputs;
  return separator === null ? null : values.filter((value) => value !== null).join(separator);
}

function joinBytes(...inputs: (Buffer | null)[]): Buffer | null {
  checkTwo(inputs);
  const separator = inputs[0]!;
  if (separator === null) return null;
  const parts: Buffer[] = [];
  for (const value of inputs.slice(1)) {
    if (value === null) continue;
    if (parts.length > 0) parts.push(separator);
    parts.push(value);
  }
  return Buffer.concat(parts);
}

export const CONCAT: ScalarFunction = scalar(
  'CONCAT',
  {
    category: CATEGORY,
    description: 'Joins any number of strings, or of bytes, into one; NULLs are left out.',
    author: '',
  },
  signature([variadic('inputs', P_STRING, 'The strings to join')], P_STRING, concatText),
  signature([variadic('inputs', P_BYTES, 'The bytes to join')], P_BYTES, concatBytes),
);

export const CONCAT_WS: ScalarFunction = scalar(
  'CONCAT_WS',
  {
    category: CATEGORY,
    description:
      'Joins any number of strings, or of bytes, with the first argument between each two; NULLs are left out.',
    author: '',
  },
  signature([variadic('inputs', P_STRING, 'The separator, then the strings')], P_STRING, joinText),
  signature([variadic('inputs', P_BYTES, 'The separator, then the bytes')], P_BYTES, joinBytes),
);
