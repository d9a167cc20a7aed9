import { NULL_OPERAND } from '../../../types/evaluation-error.js';
import { P_INT, P_STRING, param, scalar, signature } from '../../define.js';
import type { ScalarFunction } from '../../function.js';

/** Works on code points, so that surrogate pairs stay intact. */
function reverse(text: string): string {
  return [...text].reverse().join('');
}

/** Returns the index of the n-th occurrence, counting overlapping ones; -1 if there are fewer. */
function ordinalIndexOf(text: string, search: string, ordinal: number): number {
  if (ordinal <= 0) return -1;
  if (search === '') return 0;
  let index = -1;
  for (let found = 0; found < ordinal; found++) {
    index = text.indexOf(search, index + 1);
    if (index < 0) return -1;
  }
  return index;
}

function find(text: string, search: string, position: number, occurrence: number): number {
  // Position 0 means the last character, like a start of -1.
  const index = ordinalIndexOf(text.slice(position - 1), search, occurrence);
  return index < 0 ? -1 : index + position;
}

function instr(
  str: string | null,
  substring: string | null,
  position: number | null = 1,
  occurrence: number | null = 1,
): number {
  if (position === null || occurrence === null) throw NULL_OPERAND;
  if (str === null || substring === null || Math.abs(position) > str.length) return 0;
  if (position >= 0) {
    const at = find(str, substring, position, occurrence);
    return Math.max(at, 0);
  }
  const at = find(reverse(str), reverse(substring), -position, occurrence);
  return at < 0 ? 0 : str.length - at - substring.length + 2;
}

const STR = param('str', P_STRING);
const SUBSTRING = param('substring', P_STRING);
const POSITION = param('position', P_INT);
const OCCURRENCE = param('occurrence', P_INT);

export const INSTR: ScalarFunction = scalar(
  'INSTR',
  {
    category: 'STRING',
    description: 'The place of a string in another, counted from 1; 0 if it does not occur.',
  },
  signature([STR, SUBSTRING], P_INT, (str: string | null, search: string | null) => instr(str, search)),
  signature(
    [STR, SUBSTRING, POSITION],
    P_INT,
    (str: string | null, search: string | null, at: number | null) => instr(str, search, at),
  ),
  signature([STR, SUBSTRING, POSITION, OCCURRENCE], P_INT, instr),
);
