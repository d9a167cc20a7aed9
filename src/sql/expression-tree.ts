import type { IToken } from 'chevrotain';
import type { ArithmeticBinary, Expression, Location } from './ast.js';

function at(token: IToken): Location {
  return {
    line: token.startLine!,
    column: token.startColumn! - 1,
    start: token.startOffset,
    end: token.endOffset! + 1,
  };
}

function fold(
  operands: readonly Expression[],
  operators: readonly IToken[],
  strength: (operator: string) => number,
  join: (operator: IToken, left: Expression, right: Expression) => Expression,
): Expression {
  const values: Expression[] = [operands[0]!];
  const pending: IToken[] = [];
  const reduce = (): void => {
    const right = values.pop()!;
    const left = values.pop()!;
    values.push(join(pending.pop()!, left, right));
  };
  operators.forEach((operator, i) => {
    const own = strength(operator.image.toUpperCase());
    while (pending.length > 0 && strength(pending.at(-1)!.image.toUpperCase()) >= own) reduce();
    pending.push(operator);
    values.push(operands[i + 1]!);
  });
  while (pending.length > 0) reduce();
  return values[0]!;
}

const strengths: ReadonlyMap<string, number> = new Map([
  ['||', 1],
  ['+', 2],
  ['-', 2],
  ['*', 3],
  ['/', 3],
  ['%', 3],
]);

/** Builds the tree of `a + b * c || d`. Operators of equal precedence associate to the left. */
export function binaryTree(operands: readonly Expression[], operators: readonly IToken[]): Expression {
  if (operators.length === 0) return operands[0]!;
  return fold(
    operands,
    operators,
    (op) => strengths.get(op) ?? 0,
    (op, left, right): Expression =>
      op.image === '||'
        ? { kind: 'Concat', left, right, at: at(op) }
        : { kind: 'ArithmeticBinary', op: op.image as ArithmeticBinary['op'], left, right, at: at(op) },
  );
}

/** Builds the tree of `a OR b AND c`. */
export function booleanTree(operands: readonly Expression[], operators: readonly IToken[]): Expression {
  if (operators.length === 0) return operands[0]!;
  return fold(
    operands,
    operators,
    (op) => (op === 'AND' ? 1 : 0),
    (op, left, right): Expression => ({
      kind: 'Logical',
      op: op.image.toUpperCase() as 'AND' | 'OR',
      left,
      right,
      at: at(op),
    }),
  );
}

/** Normalizes the digits of a decimal: `.5` is 0.5, `1.` is 1, `007.50` is 7.50. */
export function decimalText(text: string): string {
  const negative = text.startsWith('-');
  const [whole = '', places = ''] = (negative ? text.slice(1) : text).split('.');
  const digits = whole.replace(/^0+(?=\d)/, '') || '0';
  return `${negative ? '-' : ''}${digits}${places === '' ? '' : `.${places}`}`;
}
