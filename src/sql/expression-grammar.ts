import type { IToken } from 'chevrotain';
import type {
  ComparisonOp,
  Expression,
  FunctionCall,
  LambdaExpression,
  Literal,
  Location,
  TimeUnit,
  WhenClause,
} from './ast.js';
import { tokenMatcher } from './chevrotain.js';
import { binaryTree, booleanTree, decimalText } from './expression-tree.js';
import { SqlSyntaxError } from './sql-syntax-error.js';
import { invalid, nameOf, unquote } from './token-text.js';
import * as t from './tokens.js';
import { keyword as k } from './tokens.js';
import { A_NAME, illegalLiteral, type Rule, TypeGrammar } from './type-grammar.js';

/** Expressions. */
export class ExpressionGrammar extends TypeGrammar {
  /** The qualifiers that were used, such as A in `A.ID`. Each has to be a source of the statement. */
  protected qualifiers: IToken[] = [];
  /** The last operand. `->*` may follow only an operand. */
  protected lastOperand: Expression | undefined;

  /** Resets the state after a text. */
  override reset(): void {
    super.reset();
    this.qualifiers = [];
    this.lastOperand = undefined;
  }

  readonly expression: Rule<Expression> = this.RULE('expression', (): Expression => {
    const operands: Expression[] = [];
    const operators: IToken[] = [];
    const operand = (index: number): void => {
      const nots: IToken[] = [];
      this.many(index, () => nots.push(this.consume(index, k('NOT'))));
      let value = this.subrule(index, this.predicated);
      for (const not of nots.reverse()) value = { kind: 'Not', value, at: this.place(not) };
      operands.push(value);
    };
    operand(1);
    this.MANY3(() => {
      operators.push(this.OR([{ ALT: () => this.CONSUME(k('AND')) }, { ALT: () => this.CONSUME(k('OR')) }]));
      operand(2);
    });
    return this.ACTION(() => booleanTree(operands, operators));
  });

  private readonly predicated: Rule<Expression> = this.RULE('predicated', (): Expression => {
    const value = this.SUBRULE(this.valueExpression);
    let result = value;
    this.OPTION(() => {
      result = this.OR([
        {
          ALT: (): Expression => {
            const op = this.CONSUME(t.Compare);
            const right = this.SUBRULE2(this.valueExpression);
            const text = op.image === '!=' ? '<>' : op.image;
            return {
              kind: 'Comparison',
              op: text as ComparisonOp,
              left: value,
              right,
              at: this.place(op, op),
            };
          },
        },
        { ALT: () => this.isPredicate(value) },
        { ALT: () => this.negatable(value) },
      ]);
    });
    return result;
  });

  private isPredicate(value: Expression): Expression {
    const is = this.CONSUME(k('IS'));
    const negated = this.OPTION1(() => this.CONSUME1(k('NOT'))) !== undefined;
    return this.OR1([
      {
        ALT: (): Expression => {
          this.CONSUME(k('NULL'));
          return { kind: 'IsNull', value, negated, at: this.place(is) };
        },
      },
      {
        ALT: (): Expression => {
          this.CONSUME(k('DISTINCT'));
          this.CONSUME(k('FROM'));
          const right = this.SUBRULE3(this.valueExpression);
          const op = negated ? 'IS NOT DISTINCT FROM' : 'IS DISTINCT FROM';
          return { kind: 'Comparison', op, left: value, right, at: this.place(is) };
        },
      },
    ]);
  }

  private negatable(value: Expression): Expression {
    const first = this.LA(1);
    const negated = this.OPTION2(() => this.CONSUME2(k('NOT'))) !== undefined;
    return this.OR2([
      {
        ALT: (): Expression => {
          this.CONSUME(k('BETWEEN'));
          const min = this.SUBRULE4(this.valueExpression);
          this.CONSUME(k('AND'));
          const max = this.SUBRULE5(this.valueExpression);
          return { kind: 'Between', value, min, max, negated, at: this.place(first) };
        },
      },
      {
        ALT: (): Expression => {
          this.CONSUME(k('IN'));
          this.CONSUME(t.LeftParen);
          const list: Expression[] = [];
          this.AT_LEAST_ONE_SEP({
            SEP: t.Comma,
            DEF: () => list.push(this.SUBRULE(this.expression)),
          });
          this.CONSUME(t.RightParen, { ERR_MSG: "{',', ')'}" });
          return { kind: 'In', value, list, negated, at: this.place(first) };
        },
      },
      {
        ALT: (): Expression => {
          this.CONSUME(k('LIKE'));
          const pattern = this.SUBRULE6(this.valueExpression);
          const escaped = this.OPTION3(() => {
            this.CONSUME(k('ESCAPE'));
            return this.CONSUME(t.StringValue);
          });
          const like = { kind: 'Like', value, pattern, negated, at: this.place(first) } as const;
          if (escaped === undefined) return like;
          return this.ACTION(() => ({ ...like, escape: escapeOf(escaped) }));
        },
      },
    ]);
  }

  readonly valueExpression: Rule<Expression> = this.RULE('valueExpression', (): Expression => {
    const operands = [this.SUBRULE(this.operand)];
    const operators: IToken[] = [];
    this.MANY(() => {
      this.OR([
        {
          ALT: () => {
            operators.push(this.CONSUME(t.Operator));
            operands.push(this.SUBRULE2(this.operand));
          },
        },
        {
          ALT: () => {
            const at = this.CONSUME(k('AT'));
            this.CONSUME(k('TIME'));
            this.CONSUME(k('ZONE'));
            this.CONSUME(t.StringValue);
            this.ACTION(() => {
              throw invalid(at, 'not yet implemented');
            });
          },
        },
      ]);
    });
    return this.ACTION(() => binaryTree(operands, operators));
  });

  private readonly operand: Rule<Expression> = this.RULE('operand', (): Expression => {
    const signs: IToken[] = [];
    this.MANY({
      // a minus before a number is part of the number, so that the smallest BIGINT can be written
      GATE: () => !(this.is(1, t.Minus) && this.is(2, t.NumberValue)),
      DEF: () => signs.push(this.CONSUME(t.Sign)),
    });
    const first = this.LA(1);
    let value = this.SUBRULE(this.primary);
    this.MANY1({
      GATE: () => !(this.is(1, t.Arrow) && this.is(2, t.Asterisk)),
      DEF: () => {
        value = this.OR([
          {
            ALT: (): Expression => {
              this.CONSUME(t.LeftBracket);
              const index = this.SUBRULE(this.valueExpression);
              this.CONSUME(t.RightBracket);
              return { kind: 'Subscript', base: value, index, at: this.place(first) };
            },
          },
          {
            ALT: (): Expression => {
              this.CONSUME(t.Arrow);
              const field = nameOf(this.CONSUME(t.Name));
              return { kind: 'Dereference', base: value, field, at: this.place(first) };
            },
          },
        ]);
      },
    });
    for (const sign of signs.reverse()) {
      value = { kind: 'ArithmeticUnary', op: sign.image as '+' | '-', value, at: this.place(sign) };
    }
    this.lastOperand = value;
    return value;
  });

  private readonly primary: Rule<Expression> = this.RULE(
    'primary',
    (): Expression =>
      this.nested(() =>
        this.OR({
          // ARRAY, MAP and STRUCT are names unless a bracket follows; one token distinguishes the others
          MAX_LOOKAHEAD: 1,
          IGNORE_AMBIGUITIES: true,
          DEF: [
            { ALT: () => this.SUBRULE(this.literal) },
            { ALT: () => this.SUBRULE(this.caseExpression) },
            { ALT: () => this.SUBRULE(this.cast) },
            { GATE: () => this.is(2, t.LeftBracket), ALT: () => this.SUBRULE(this.arrayConstructor) },
            { GATE: () => this.is(2, t.LeftParen), ALT: () => this.SUBRULE(this.mapConstructor) },
            { GATE: () => this.is(2, t.LeftParen), ALT: () => this.SUBRULE(this.structConstructor) },
            {
              ALT: (): Expression => {
                this.CONSUME(t.LeftParen);
                const inner = this.SUBRULE(this.expression);
                this.CONSUME(t.RightParen);
                return inner;
              },
            },
            { ALT: () => this.SUBRULE(this.named) },
          ],
        }),
      ),
  );

  /** Parses a column, a qualified column, a call, or a type before a string. */
  private readonly named: Rule<Expression> = this.RULE('named', (): Expression => {
    const first = this.CONSUME(t.Name);
    let result: Expression | undefined;
    this.OPTION(() => {
      result = this.OR([
        { ALT: (): Expression => this.call(first) },
        {
          ALT: (): Expression => {
            this.CONSUME(t.Point);
            const column = this.CONSUME2(t.Name);
            this.ACTION(() => this.qualifiers.push(first));
            return { kind: 'Column', source: nameOf(first), name: nameOf(column), at: this.place(first) };
          },
        },
        {
          ALT: (): Expression => {
            const text = this.CONSUME(t.StringValue);
            return this.ACTION(() => typed(first, text, this.place(first)));
          },
        },
      ]);
    });
    if (result !== undefined) return result;
    this.ACTION(() => {
      if (tokenMatcher(first, t.Variable)) throw illegalLiteral(first);
    });
    return { kind: 'Column', name: nameOf(first), at: this.place(first) };
  });

  private call(first: IToken): FunctionCall {
    this.CONSUME(t.LeftParen);
    const args: Expression[] = [];
    let star = false;
    this.OPTION1(() => {
      this.OR1([
        {
          ALT: () => {
            this.CONSUME(t.Asterisk);
            star = true;
          },
        },
        {
          ALT: () => {
            let lambdas = false;
            this.AT_LEAST_ONE_SEP({
              SEP: t.Comma,
              DEF: () => {
                const start = this.LA(1);
                const arg = this.SUBRULE(this.argument);
                this.ACTION(() => {
                  const lambda = arg.kind === 'Lambda';
                  if (lambda ? args.length === 0 : lambdas) throw unexpected(start);
                  lambdas = lambda;
                });
                args.push(arg);
              },
            });
          },
        },
      ]);
    });
    this.CONSUME(t.RightParen, { ERR_MSG: "{',', ')'}" });
    const call = { kind: 'Call', name: nameOf(first), args, at: this.place(first) } as const;
    return star ? { ...call, star } : call;
  }

  private readonly argument: Rule<Expression> = this.RULE(
    'argument',
    (): Expression =>
      this.OR({
        DEF: [
          { GATE: () => this.atLambda(), ALT: (): Expression => this.SUBRULE(this.lambda) },
          {
            // like ksqlDB, read units that may also be names as columns
            GATE: () => !this.is(1, t.Name),
            ALT: (): Expression => {
              const unit = this.CONSUME(t.Unit);
              return { kind: 'IntervalUnit', unit: timeUnit(unit), at: this.place(unit) };
            },
          },
          { ALT: () => this.SUBRULE(this.expression) },
        ],
        MAX_LOOKAHEAD: 1,
        IGNORE_AMBIGUITIES: true,
      }),
  );

  private atLambda(): boolean {
    if (this.is(1, t.Name)) return this.is(2, t.LambdaArrow);
    if (!this.is(1, t.LeftParen)) return false;
    let i = 2;
    while (this.is(i, t.Name) && this.is(i + 1, t.Comma)) i += 2;
    return this.is(i, t.Name) && this.is(i + 1, t.RightParen) && this.is(i + 2, t.LambdaArrow);
  }

  private readonly lambda: Rule<LambdaExpression> = this.RULE('lambda', (): LambdaExpression => {
    const first = this.LA(1);
    const params: string[] = [];
    this.OR([
      { ALT: () => params.push(nameOf(this.CONSUME(t.Name))) },
      {
        ALT: () => {
          this.CONSUME(t.LeftParen);
          this.AT_LEAST_ONE_SEP({
            SEP: t.Comma,
            ERR_MSG: A_NAME,
            DEF: () => params.push(nameOf(this.CONSUME2(t.Name))),
          });
          this.CONSUME(t.RightParen);
        },
      },
    ]);
    this.CONSUME(t.LambdaArrow);
    const body = this.SUBRULE(this.expression);
    return { kind: 'Lambda', params, body, at: this.place(first) };
  });

  private readonly caseExpression: Rule<Expression> = this.RULE('case', (): Expression => {
    const first = this.CONSUME(k('CASE'));
    const operand = this.OPTION(() => this.SUBRULE(this.valueExpression));
    const whens: WhenClause[] = [];
    this.AT_LEAST_ONE(() => {
      this.CONSUME(k('WHEN'));
      const condition = this.SUBRULE(this.expression);
      this.CONSUME(k('THEN'));
      whens.push({ condition, result: this.SUBRULE2(this.expression) });
    });
    const otherwise = this.OPTION2(() => {
      this.CONSUME(k('ELSE'));
      return this.SUBRULE3(this.expression);
    });
    this.CONSUME(k('END'));
    const rest = { whens, ...(otherwise === undefined ? {} : { otherwise }), at: this.place(first) };
    return operand === undefined
      ? { kind: 'SearchedCase', ...rest }
      : { kind: 'SimpleCase', operand, ...rest };
  });

  private readonly cast: Rule<Expression> = this.RULE('cast', (): Expression => {
    const first = this.CONSUME(k('CAST'));
    this.CONSUME(t.LeftParen);
    const value = this.SUBRULE(this.expression);
    this.CONSUME(k('AS'));
    const type = this.SUBRULE(this.type);
    this.CONSUME(t.RightParen);
    return { kind: 'Cast', value, type, at: this.place(first) };
  });

  private readonly arrayConstructor: Rule<Expression> = this.RULE('array', (): Expression => {
    const first = this.CONSUME(k('ARRAY'));
    this.CONSUME(t.LeftBracket);
    const elements: Expression[] = [];
    this.MANY_SEP({ SEP: t.Comma, DEF: () => elements.push(this.SUBRULE(this.expression)) });
    this.CONSUME(t.RightBracket, { ERR_MSG: "{',', ']'}" });
    return { kind: 'Array', elements, at: this.place(first) };
  });

  private readonly mapConstructor: Rule<Expression> = this.RULE('map', (): Expression => {
    const first = this.CONSUME(k('MAP'));
    this.CONSUME(t.LeftParen);
    const entries: { key: Expression; value: Expression }[] = [];
    this.MANY_SEP({
      SEP: t.Comma,
      DEF: () => {
        const key = this.SUBRULE(this.expression);
        this.CONSUME(t.Assign);
        entries.push({ key, value: this.SUBRULE2(this.expression) });
      },
    });
    this.CONSUME(t.RightParen, { ERR_MSG: "{',', ')'}" });
    return { kind: 'Map', entries, at: this.place(first) };
  });

  private readonly structConstructor: Rule<Expression> = this.RULE('struct', (): Expression => {
    const first = this.CONSUME(k('STRUCT'));
    this.CONSUME(t.LeftParen);
    const fields: { name: string; value: Expression }[] = [];
    this.MANY_SEP({
      SEP: t.Comma,
      DEF: () => {
        const name = nameOf(this.CONSUME(t.Name));
        this.CONSUME(t.Assign);
        fields.push({ name, value: this.SUBRULE(this.expression) });
      },
    });
    this.CONSUME(t.RightParen, { ERR_MSG: "{',', ')'}" });
    return { kind: 'Struct', fields, at: this.place(first) };
  });
}

function escapeOf(token: IToken): string {
  const text = unquote(token.image);
  if (text.length === 1) return text;
  // ksqlDB prints a Java Optional here.
  const where = `Optional[Line: ${token.startLine}, Col: ${token.startColumn}]`;
  throw invalid(token, `${where}: Expected single character escape but got: ${text}`);
}

/** Returns the unit for a word such as DAY or DAYS. */
export function timeUnit(token: IToken): TimeUnit {
  const word = token.image.toUpperCase();
  return (word.endsWith('S') ? word.slice(0, -1) : word) as TimeUnit;
}

function unexpected(token: IToken): SqlSyntaxError {
  const at = `line ${token.startLine}:${token.startColumn}`;
  return new SqlSyntaxError(
    'SQL_SYNTAX',
    `${at}: Syntax Error\nSyntax error at or near '${token.image}' at ${at}`,
    { line: token.startLine!, column: token.startColumn! - 1, offset: token.startOffset },
    token.image,
    '',
  );
}

function typed(type: IToken, text: IToken, at: Location): Literal {
  const name = nameOf(type);
  const value = unquote(text.image);
  if (name !== 'DECIMAL') {
    throw invalid(
      type,
      `Unknown type: ${name}, location:Optional[Line: ${type.startLine}, Col: ${type.startColumn}]`,
    );
  }
  if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(value)) throw invalid(text, `Not a decimal number: ${value}`);
  return { kind: 'Decimal', text: decimalText(value.replace(/^\+/, '')), at };
}
