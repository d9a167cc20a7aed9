import type { IToken } from 'chevrotain';
import { tooDeep } from './token-text.js';

/**
 * The maximum depth of a tree. A chain such as `A OR B OR C` is as deep as it
 * is long.
 */
export const MAX_DEPTH = 1_000;

/** Fails if recursion over the tree could overflow the stack. */
export function checkDepth(root: unknown, tokens: readonly IToken[]): void {
  // every operator is a token, and nesting has its own bound
  if (tokens.length <= MAX_DEPTH) return;
  let level: object[] = [root as object];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw tooDeep(tokens[0]!);
    const next: object[] = [];
    for (const node of level) {
      for (const value of Object.values(node)) {
        if (typeof value === 'object' && value !== null) next.push(value);
      }
    }
    level = next;
  }
}
