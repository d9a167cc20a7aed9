import { nullSafe, P_STRING, param, scalar, signature } from '../../define.js';
import type { ScalarFunction } from '../../function.js';

/** Trims like Java: removes all characters up to U+0020, including control characters, but no other Unicode spaces. */
export function javaTrim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= 32) start++;
  while (end > start && text.charCodeAt(end - 1) <= 32) end--;
  return text.slice(start, end);
}

export const TRIM: ScalarFunction = scalar(
  'TRIM',
  { category: 'STRING', description: 'The string without white space at its ends.', author: '' },
  signature([param('input', P_STRING, 'The string to trim')], P_STRING, nullSafe(javaTrim)),
);
