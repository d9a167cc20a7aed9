import type { Comparison, Expression } from '../../../sql/ast.js';
import { KsqlException } from '../errors.js';
import { transform } from '../expressions/rewrite.js';

/** Bounds the cost of conditions with many branches. */
const mostDisjuncts = 10_000;

/**
 * Converts the condition to disjunctive normal form: the operands of the ORs, each a chain of ANDs. IN and BETWEEN are
 * expanded first, and NOT is pushed inwards.
 */
export function disjunctsOf(condition: Expression): readonly Expression[] {
  return disjuncts(withoutInAndBetween(condition), false);
}

function disjuncts(e: Expression, negated: boolean): readonly Expression[] {
  if (e.kind === 'Not') return disjuncts(e.value, !negated);
  if (e.kind !== 'Logical') return [negated ? { kind: 'Not', value: e } : e];
  const left = disjuncts(e.left, negated);
  const right = disjuncts(e.right, negated);
  if ((e.op === 'OR') !== negated) return bounded([...left, ...right]);
  if (left.length * right.length > mostDisjuncts) throw tooComplex();
  return left.flatMap((l) =>
    right.map((r): Expression => ({ kind: 'Logical', op: 'AND', left: l, right: r })),
  );
}

function bounded<T>(list: readonly T[]): readonly T[] {
  if (list.length > mostDisjuncts) throw tooComplex();
  return list;
}

function tooComplex(): KsqlException {
  return new KsqlException(
    `The WHERE clause has more than ${mostDisjuncts} alternatives: ask for less in one query.`,
  );
}

function withoutInAndBetween(condition: Expression): Expression {
  return transform(condition, (part) => {
    if (part.kind === 'In') {
      const equals = part.list.map(
        (item): Comparison => ({ kind: 'Comparison', op: '=', left: part.value, right: item }),
      );
      const joined = equals.reduceRight<Expression | undefined>(
        (rest, item) => (rest === undefined ? item : { kind: 'Logical', op: 'OR', left: item, right: rest }),
        undefined,
      );
      return joined === undefined || !part.negated ? joined : { kind: 'Not', value: joined };
    }
    if (part.kind === 'Between') {
      const within: Expression = {
        kind: 'Logical',
        op: 'AND',
        left: { kind: 'Comparison', op: '>=', left: part.value, right: part.min },
        right: { kind: 'Comparison', op: '<=', left: part.value, right: part.max },
      };
      return part.negated ? { kind: 'Not', value: within } : within;
    }
    return undefined;
  });
}
