import type { Value } from '../types/value.js';
import type { Row } from './record.js';

/** Concatenates both sides of a join; a missing side becomes NULLs. Appends the key if no column holds it. */
export function rowJoiner(
  leftWidth: number,
  rightWidth: number,
  appendsKey: boolean,
): (key: readonly Value[] | null, left: Row | null, right: Row | null) => Row {
  const width = leftWidth + rightWidth + (appendsKey ? 1 : 0);
  return (key, left, right) => {
    const row = new Array<Value>(width);
    for (let i = 0; i < leftWidth; i++) row[i] = left === null ? null : left[i]!;
    for (let i = 0; i < rightWidth; i++) row[leftWidth + i] = right === null ? null : right[i]!;
    if (appendsKey) row[width - 1] = key?.[0] ?? null;
    return row;
  };
}
