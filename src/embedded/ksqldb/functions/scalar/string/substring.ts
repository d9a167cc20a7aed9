import { nullSafe2, nullSafe3, P_BYTES, P_INT, P_STRING, param, scalar, signature } from '../../define.js';
import type { ScalarFunction } from '../../function.js';

/** Returns the zero-based start for a one-based position. Negative positions count from the end. */
function startOf(size: number, position: number): number {
  return position < 0 ? Math.max(size + position, 0) : Math.max(Math.min(position - 1, size), 0);
}

function endOf(size: number, start: number, length: number): number {
  // The sum wraps around at 32 bits like Java's int.
  return Math.max(Math.min((start + length) | 0, size), start);
}

const POSITION = param('pos', P_INT, 'Where to start; 1 is the first, -1 the last');
const LENGTH = param('length', P_INT, 'How much to take');

export const SUBSTRING: ScalarFunction = scalar(
  'SUBSTRING',
  { category: 'STRING', description: 'A part of a string or of bytes.' },
  signature(
    [param('str', P_STRING, 'The string'), POSITION, LENGTH],
    P_STRING,
    nullSafe3((str: string, position: number, length: number) => {
      const start = startOf(str.length, position);
      return str.slice(start, endOf(str.length, start, length));
    }),
    'The part of the string of the given length that starts at the position',
  ),
  signature(
    [param('bytes', P_BYTES, 'The bytes'), POSITION, LENGTH],
    P_BYTES,
    nullSafe3((bytes: Buffer, position: number, length: number) => {
      const start = startOf(bytes.length, position);
      return Buffer.from(bytes.subarray(start, endOf(bytes.length, start, length)));
    }),
    'The part of the bytes of the given length that starts at the position',
  ),
  signature(
    [param('bytes', P_BYTES, 'The bytes'), POSITION],
    P_BYTES,
    nullSafe2((bytes: Buffer, position: number) =>
      Buffer.from(bytes.subarray(startOf(bytes.length, position))),
    ),
    'The bytes from the position to the end',
  ),
  signature(
    [param('str', P_STRING, 'The string'), POSITION],
    P_STRING,
    nullSafe2((str: string, position: number) => str.slice(startOf(str.length, position))),
    'The string from the position to the end',
  ),
);
