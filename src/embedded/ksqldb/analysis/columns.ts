import type { ColumnReference } from '../../../sql/ast.js';

export const unqualified = (name: string): ColumnReference => ({ kind: 'Column', name });

/** `a`, `a and b`, `a, b and c`. */
export function joinGrammatically(items: readonly string[], conjunction: 'and' | 'or'): string {
  if (items.length <= 1) return items.join('');
  return `${items.slice(0, -1).join(', ')} ${conjunction} ${items.at(-1)}`;
}
