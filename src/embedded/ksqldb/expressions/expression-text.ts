import type { Expression, WhenClause } from '../../../sql/ast.js';
import { formatExpression } from '../../../sql/format-expression.js';

/** Formats an expression as in ksqlDB's messages: every operation in parentheses, names without backticks. */
export function expressionText(expression: Expression): string {
  return formatExpression(expression, { quote: 'never' });
}

/** Formats a branch of CASE for the message about mismatched types. */
export function whenText({ condition, result }: WhenClause): string {
  return `WHEN ${expressionText(condition)} THEN ${expressionText(result)}`;
}
