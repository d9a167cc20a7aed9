import type { Expression } from '../../../sql/ast.js';
import { BOOLEAN, type SqlType, sameType } from '../../../sql/sql-type.js';
import { KsqlException, KsqlStatementException } from '../errors.js';
import { expressionText } from '../expressions/expression-text.js';
import { rewriteTimeLiterals } from '../expressions/rewrite.js';
import type { LogicalSchema } from '../schema/schema.js';
import { quoteNever, typeText } from '../schema/schema-text.js';
import { commonOf, type PlanNode, type PlannerEnv, typeIn } from './planner-env.js';

/** Plans WHERE or HAVING. Checks that the condition is a boolean. */
export function planFilter(
  node: PlanNode,
  condition: Expression,
  env: PlannerEnv,
  context: readonly string[],
): PlanNode {
  const rewritten = rewriteTimeLiterals(condition);
  checkCondition(condition, rewritten, node.step.schema, env, 'WHERE');
  return {
    ...node,
    step: { ...commonOf(node), kind: 'filter', input: node.step, condition: rewritten, context },
  };
}

export function checkCondition(
  condition: Expression,
  rewritten: Expression,
  schema: LogicalSchema,
  env: PlannerEnv,
  clause: 'WHERE' | 'HAVING',
): void {
  const text = expressionText(condition);
  let type: SqlType | null;
  try {
    type = typeIn(rewritten, schema, env);
  } catch (error) {
    if (!(error instanceof KsqlException)) throw error;
    throw new KsqlStatementException(`Error in ${clause} expression: ${error.message}`, text, error);
  }
  if (type === null || !sameType(type, BOOLEAN)) {
    const name = type === null ? 'null' : typeText(type, quoteNever);
    throw new KsqlStatementException(
      `Type error in ${clause} expression: Should evaluate to boolean but is ${text} (${name}) instead.`,
      text,
    );
  }
}
