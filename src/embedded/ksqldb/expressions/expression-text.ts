/** An expression as ksqlDB's messages show it: every operation in parentheses, names without back-ticks. */
import type { Expression, WhenClause } from '../../../sql/ast.js';
import type { SqlType } from '../../../sql/sql-type.js';
import { formatSqlTypeUnquoted } from '../types/format-type.js';
import { formatJavaDouble } from '../types/java-double.js';
import { resolveTypeNode } from './type-node.js';

export function expressionText(expression: Expression): string {
  switch (expression.kind) {
    case 'Null':
      return 'null';
    case 'Boolean':
    case 'Integer':
    case 'Long':
      return String(expression.value);
    case 'Decimal':
      return expression.text;
    case 'Double':
      return doubleText(expression.value);
    case 'String':
      return `'${expression.value.replaceAll("'", "''")}'`;
    case 'Column':
      return expression.source === undefined ? expression.name : `${expression.source}.${expression.name}`;
    case 'Dereference':
      return `${expressionText(expression.base)}->${expression.field}`;
    case 'Subscript':
      return `${expressionText(expression.base)}[${expressionText(expression.index)}]`;
    case 'ArithmeticUnary': {
      const value = expressionText(expression.value);
      // Two minus signs would begin a comment.
      return expression.op === '-' && value.startsWith('-') ? `- ${value}` : expression.op + value;
    }
    case 'ArithmeticBinary':
    case 'Logical':
    case 'Comparison':
      if (expression.op === 'IS NOT DISTINCT FROM') {
        return `(NOT ${binary(expression.left, 'IS DISTINCT FROM', expression.right)})`;
      }
      return binary(expression.left, expression.op, expression.right);
    case 'Concat':
      return `concat(${list([expression.left, expression.right])})`;
    case 'Not':
      return `(NOT ${expressionText(expression.value)})`;
    case 'IsNull':
      return `(${expressionText(expression.value)} IS ${expression.negated ? 'NOT NULL' : 'NULL'})`;
    case 'Between':
      return negate(
        expression.negated,
        `(${expressionText(expression.value)} BETWEEN ${expressionText(expression.min)} AND ` +
          `${expressionText(expression.max)})`,
      );
    case 'In':
      return negate(
        expression.negated,
        `(${expressionText(expression.value)} IN (${list(expression.list)}))`,
      );
    case 'Like': {
      const escaped = expression.escape === undefined ? '' : ` ESCAPE '${expression.escape}'`;
      return negate(
        expression.negated,
        `(${expressionText(expression.value)} LIKE ${expressionText(expression.pattern)}${escaped})`,
      );
    }
    case 'SearchedCase':
      return `(CASE ${whens(expression.whens)}${otherwise(expression.otherwise)} END)`;
    case 'SimpleCase':
      return (
        `(CASE ${expressionText(expression.operand)} ${whens(expression.whens)}` +
        `${otherwise(expression.otherwise)} END)`
      );
    case 'Cast':
      return `CAST(${expressionText(expression.value)} AS ${typeText(resolveTypeNode(expression.type))})`;
    case 'Call':
      return expression.args.length === 0 && (expression.star || expression.name === 'COUNT')
        ? `${expression.name}(*)`
        : `${expression.name}(${list(expression.args)})`;
    case 'Lambda':
      return `(${expression.params.join(', ')}) => ${expressionText(expression.body)}`;
    case 'Array':
      return `ARRAY[${list(expression.elements)}]`;
    case 'Map':
      return `MAP(${expression.entries
        .map(({ key, value }) => `${expressionText(key)}:=${expressionText(value)}`)
        .join(', ')})`;
    case 'Struct':
      return `STRUCT(${expression.fields
        .map(({ name, value }) => `${name}:=${expressionText(value)}`)
        .join(', ')})`;
    case 'IntervalUnit':
      return `${expression.unit}S`;
  }
}

function typeText(type: SqlType): string {
  return formatSqlTypeUnquoted(type);
}

function list(expressions: readonly Expression[]): string {
  return expressions.map(expressionText).join(', ');
}

function binary(left: Expression, op: string, right: Expression): string {
  return `(${expressionText(left)} ${op} ${expressionText(right)})`;
}

function negate(negated: boolean, text: string): string {
  return negated ? `(NOT ${text})` : text;
}

/** Also part of the message about a branch of another type. */
export function whenText({ condition, result }: WhenClause): string {
  return `WHEN ${expressionText(condition)} THEN ${expressionText(result)}`;
}

function whens(clauses: readonly WhenClause[]): string {
  return clauses.map(whenText).join(' ');
}

function otherwise(expression: Expression | undefined): string {
  return expression === undefined ? '' : ` ELSE ${expressionText(expression)}`;
}

/** Always with an exponent: `1E-1`. */
function doubleText(value: number): string {
  if (!Number.isFinite(value)) return formatJavaDouble(value);
  return value.toExponential().replace('e+', 'E').replace('e', 'E');
}
