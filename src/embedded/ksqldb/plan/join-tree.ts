import type { ColumnReference, Expression } from '../../../sql/ast.js';
import type { AliasedSource, JoinInfo } from '../analysis/analysis.js';
import { flipJoin } from '../analysis/join-analysis.js';
import { KsqlException } from '../errors.js';
import { expressionText } from '../expressions/expression-text.js';

export interface JoinLeaf {
  readonly kind: 'leaf';
  readonly source: AliasedSource;
}
export interface JoinBranch {
  readonly kind: 'join';
  readonly left: JoinTree;
  readonly right: JoinTree;
  readonly info: JoinInfo;
}
export type JoinTree = JoinLeaf | JoinBranch;

/** Orders several joins: each one adds a source to the result of the previous joins. */
export function joinTree(joins: readonly JoinInfo[]): JoinTree {
  let root: JoinTree = { kind: 'leaf', source: joins[0]!.left };
  for (const join of joins) {
    const hasLeft = containsSource(root, join.left);
    const hasRight = containsSource(root, join.right);
    if (hasLeft && hasRight) {
      throw new KsqlException(
        `Cannot perform circular join - both \`${join.right.alias}\` and ${expressionText(join.leftExpression)} are ` +
          'already included in the current join tree',
      );
    }
    if (hasLeft) {
      root = { kind: 'join', left: root, right: { kind: 'leaf', source: join.right }, info: join };
    } else if (hasRight) {
      root = { kind: 'join', left: root, right: { kind: 'leaf', source: join.left }, info: flipJoin(join) };
    } else {
      throw new KsqlException(
        'Cannot build JOIN tree; neither source in the join is the FROM source or included in a previous JOIN',
      );
    }
  }
  return root;
}

function containsSource(tree: JoinTree, source: AliasedSource): boolean {
  return tree.kind === 'leaf'
    ? tree.source.alias === source.alias
    : containsSource(tree.left, source) || containsSource(tree.right, source);
}

/** The texts of the expressions that are equal to the key of the joined rows. */
export function equivalentKeys(tree: JoinTree): ReadonlySet<string> {
  if (tree.kind === 'leaf' || tree.info.type === 'OUTER') return new Set();
  const own = [tree.info.leftExpression, tree.info.rightExpression].map(expressionText);
  const all = new Set(own);
  for (const side of [equivalentKeys(tree.left), equivalentKeys(tree.right)]) {
    if (own.some((text) => side.has(text))) for (const text of side) all.add(text);
  }
  return all;
}

/** The columns that can represent the key in the SELECT list. If empty, the key is a synthetic column. */
export function viableKeys(tree: JoinTree): readonly ColumnReference[] {
  if (tree.kind === 'leaf' || tree.info.type === 'OUTER') return [];
  const equivalent = equivalentKeys(tree);
  const candidates: readonly Expression[] = [
    ...viableKeys(tree.left),
    tree.info.leftExpression,
    ...viableKeys(tree.right),
    tree.info.rightExpression,
  ];
  const seen = new Set<string>();
  return candidates.filter((e): e is ColumnReference => {
    const text = expressionText(e);
    if (e.kind !== 'Column' || seen.has(text) || !equivalent.has(text)) return false;
    seen.add(text);
    return true;
  });
}
