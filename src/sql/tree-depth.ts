import type { IToken } from 'chevrotain';
import { tooDeep } from './token-text.js';

/** How deep a tree may be. Chains such as `A OR B OR C` are as deep as they are long. */
export const MAX_DEPTH = 1_000;

/** Fails for a tree that could take whoever walks it by recursion to the end of the stack. */
export function checkDepth(root: unknown, tokens: readonly IToken[]): void {
  // every level took a token at least
  if (tokens.length <= MAX_DEPTH) return;
  let level: object[] = [root as object];
  for (let depth = 0; level.length > 0; depth++) {
    // a child is two steps from its parent where it stands in a list
    if (depth > 2 * MAX_DEPTH) throw tooDeep(tokens[0]!);
    const next: object[] = [];
    for (const node of level) {
      for (const value of Object.values(node)) {
        if (typeof value === 'object' && value !== null) next.push(value);
      }
    }
    level = next;
  }
}
