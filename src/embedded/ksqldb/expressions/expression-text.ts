import type { Expression, WhenClause } from '../../../sql/ast.js';
import { formatExpression } from '../../../sql/format-expression.js';

/** An expression as ksqlDB's messages show it: every operation in parentheses, names without back-ticks. */
export function expressionText(expression: Expression): string {
  return formatExpression(expression, { quote: 'never' });
}

/** A branch of CASE, as in the message about one of another type. */
export function whenText({ condition, result }: WhenClause): string {
  return `WHEN ${expressionText(condition)} THEN ${expressionText(result)}`;
}
