import type { Expression, FunctionCall, TimeUnit, WhenClause } from './ast.js';
import { formatType } from './format-type.js';
import { quote, quoteIfNeeded, quoteString } from './identifiers.js';

export interface FormatExpressionOptions {
  /**
   * Backticks around names: `needed` (the default) as in the text of statements; `never` as in most of ksqlDB's
   * messages, which cannot always be read back.
   */
  readonly quote?: 'needed' | 'never';
}

/**
 * An expression as ksqlDB writes it: every operation in parentheses, one blank around operators, a negation
 * around what it negates.
 */
export function formatExpression(expression: Expression, options: FormatExpressionOptions = {}): string {
  return format(expression, options.quote === 'never' ? (name) => name : quoteIfNeeded);
}

type Name = (name: string) => string;

/** These words are read as constructors where a bracket follows, unless they are quoted. */
function beforeBracket(name: string, write: Name, word: readonly string[]): string {
  return word.includes(name) && write === quoteIfNeeded ? quote(name) : write(name);
}

/** A point and a digit would be read as a number. */
function afterPoint(column: string, write: Name): string {
  return /^\d/.test(column) && write === quoteIfNeeded ? quote(column) : write(column);
}

function list(expressions: readonly Expression[], name: Name): string {
  return expressions.map((expression) => format(expression, name)).join(', ');
}

function not(text: string, negated: boolean): string {
  return negated ? `(NOT ${text})` : text;
}

/** A double in the shape of a literal with an exponent, such as 1.5E3, so that it is read back as a double. */
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

/** The base of `->` and `[]`. A sign would be read as the sign of the whole. */
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
      // ksqlDB knows this operator only as the function of that name, in lower case
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

/** `DAYS` of DAY. */
export function formatUnit(unit: TimeUnit): string {
  return `${unit}S`;
}
