import type { Expression, FunctionCall, TimeUnit, WhenClause } from './ast.js';
import { formatType } from './format-type.js';
import { quote, quoteIfNeeded, quoteString } from './identifiers.js';

export interface FormatExpressionOptions {
  /**
   * When to put names in backticks: `needed` (the default), as in statements, or `never`, as in most of ksqlDB's
   * messages. Those cannot always be parsed again.
   */
  readonly quote?: 'needed' | 'never';
}

/**
 * Formats an expression like ksqlDB: every operation in parentheses, one space around operators, a negation
 * around its operand.
 */
export function formatExpression(expression: Expression, options: FormatExpressionOptions = {}): string {
  return format(expression, options.quote === 'never' ? (name) => name : quoteIfNeeded);
}

type Name = (name: string) => string;

/** Before a bracket, these words are parsed as constructors unless they are quoted. */
function beforeBracket(name: string, write: Name, word: readonly string[]): string {
  return word.includes(name) && write === quoteIfNeeded ? quote(name) : write(name);
}

/** A dot and a digit would be parsed as a number. */
function afterPoint(column: string, write: Name): string {
  return /^\d/.test(column) && write === quoteIfNeeded ? quote(column) : write(column);
}

function list(expressions: readonly Expression[], name: Name): string {
  return expressions.map((expression) => format(expression, name)).join(', ');
}

function not(text: string, negated: boolean): string {
  return negated ? `(NOT ${text})` : text;
}

/** Formats a double with an exponent, such as 1.5E3, so that it is parsed as a double again. */
export function formatDouble(value: number): string {
  return value.toExponential().replace('e+', 'E').replace('e', 'E');
}

function whens(clauses: readonly WhenClause[], otherwise: Expression | undefined, name: Name): string {
  const parts = clauses.map(
    ({ condition, result }) => `WHEN ${format(condition, name)} THEN ${format(result, name)}`,
  );
  if (otherwise !== undefined) parts.push(`ELSE ${format(otherwise, name)}`);
  return parts.join(' ');
}

function call({ name: fn, args, star }: FunctionCall, name: Name): string {
  const all = star === true || (args.length === 0 && fn === 'COUNT');
  return `${beforeBracket(fn, name, ['MAP', 'STRUCT'])}(${all ? '*' : list(args, name)})`;
}

/** Formats the base of `->` and `[]`. A sign would apply to the whole expression. */
function base(expression: Expression, name: Name): string {
  if (expression.kind === 'Column' && expression.source === undefined) {
    return beforeBracket(expression.name, name, ['ARRAY']);
  }
  const text = format(expression, name);
  return expression.kind === 'ArithmeticUnary' ? `(${text})` : text;
}

function format(e: Expression, name: Name): string {
  switch (e.kind) {
    case 'Null':
      return 'null';
    case 'Boolean':
      return e.value ? 'true' : 'false';
    case 'Integer':
    case 'Long':
      return e.value.toString();
    case 'Decimal':
      return e.text;
    case 'Double':
      return formatDouble(e.value);
    case 'String':
      return quoteString(e.value);
    case 'Column':
      return e.source === undefined ? name(e.name) : `${name(e.source)}.${afterPoint(e.name, name)}`;
    case 'Dereference':
      return `${base(e.base, name)}->${name(e.field)}`;
    case 'Subscript':
      return `${base(e.base, name)}[${format(e.index, name)}]`;
    case 'ArithmeticUnary': {
      const text = format(e.value, name);
      // a minus would become part of the number at the start of `1[0]`
      const number = /^[\d.]/.test(text) && (e.value.kind === 'Subscript' || e.value.kind === 'Dereference');
      if (number) return `${e.op}(${text})`;
      // two minus signs would start a comment
      return e.op === '-' && text.startsWith('-') ? `- ${text}` : `${e.op}${text}`;
    }
    case 'ArithmeticBinary':
    case 'Logical':
      return `(${format(e.left, name)} ${e.op} ${format(e.right, name)})`;
    case 'Concat':
      // ksqlDB writes this operator as a function call in lower case
      return `${name('concat')}(${format(e.left, name)}, ${format(e.right, name)})`;
    case 'Comparison': {
      const negated = e.op === 'IS NOT DISTINCT FROM';
      const op = negated ? 'IS DISTINCT FROM' : e.op;
      return not(`(${format(e.left, name)} ${op} ${format(e.right, name)})`, negated);
    }
    case 'Not':
      return not(format(e.value, name), true);
    case 'IsNull':
      return `(${format(e.value, name)} IS ${e.negated ? 'NOT ' : ''}NULL)`;
    case 'Between':
      return not(
        `(${format(e.value, name)} BETWEEN ${format(e.min, name)} AND ${format(e.max, name)})`,
        e.negated,
      );
    case 'In':
      return not(`(${format(e.value, name)} IN (${list(e.list, name)}))`, e.negated);
    case 'Like': {
      const escaped = e.escape === undefined ? '' : ` ESCAPE ${quoteString(e.escape)}`;
      return not(`(${format(e.value, name)} LIKE ${format(e.pattern, name)}${escaped})`, e.negated);
    }
    case 'SearchedCase':
      return `(CASE ${whens(e.whens, e.otherwise, name)} END)`;
    case 'SimpleCase':
      return `(CASE ${format(e.operand, name)} ${whens(e.whens, e.otherwise, name)} END)`;
    case 'Cast':
      return `CAST(${format(e.value, name)} AS ${formatType(e.type)})`;
    case 'Call':
      return call(e, name);
    case 'Lambda':
      return `(${e.params.map(name).join(', ')}) => ${format(e.body, name)}`;
    case 'Array':
      return `ARRAY[${list(e.elements, name)}]`;
    case 'Map':
      return `MAP(${e.entries.map(({ key, value }) => `${format(key, name)}:=${format(value, name)}`).join(', ')})`;
    case 'Struct':
      return `STRUCT(${e.fields.map((field) => `${name(field.name)}:=${format(field.value, name)}`).join(', ')})`;
    case 'IntervalUnit':
      return formatUnit(e.unit);
  }
}

/** Returns the plural, such as `DAYS` for DAY. */
export function formatUnit(unit: TimeUnit): string {
  return `${unit}S`;
}
