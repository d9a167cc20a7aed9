import type { IToken, ParserMethod, TokenType } from 'chevrotain';
import type { Literal, Location, TypeNode } from './ast.js';
import { EmbeddedActionsParser, tokenMatcher } from './chevrotain.js';
import { decimalText } from './expression-tree.js';
import { LazyLookahead } from './lazy-lookahead.js';
import type { SqlSyntaxError } from './sql-syntax-error.js';
import { invalid, nameOf, tooDeep, unquote } from './token-text.js';
import * as t from './tokens.js';
import { keyword as k } from './tokens.js';

/**
 * The maximum nesting of parentheses, calls, types and similar constructs. It protects both this parser and
 * code that walks the tree from a stack overflow.
 */
export const MAX_NESTING = 100;

const SIMPLE_TYPES: ReadonlyMap<string, TypeNode> = new Map<string, TypeNode>([
  ['BOOLEAN', { base: 'BOOLEAN' }],
  ['INT', { base: 'INTEGER' }],
  ['INTEGER', { base: 'INTEGER' }],
  ['BIGINT', { base: 'BIGINT' }],
  ['DOUBLE', { base: 'DOUBLE' }],
  ['STRING', { base: 'STRING' }],
  ['VARCHAR', { base: 'STRING' }],
  ['BYTES', { base: 'BYTES' }],
  ['DATE', { base: 'DATE' }],
  ['TIME', { base: 'TIME' }],
  ['TIMESTAMP', { base: 'TIMESTAMP' }],
]);

const TYPE_PARAMETERS = "{'STRING', INTEGER_VALUE}";

/** Expected where so many tokens are possible that ksqlDB does not list them. */
export const ANYTHING = '{}';

/** Expected where a name is required. */
export const A_NAME = '<name>';

const expectations = {
  buildMismatchTokenMessage: ({ expected }: { expected: { name: string } }): string =>
    expected.name === t.Name.name ? A_NAME : expected.name,
  buildNotAllInputParsedMessage: (): string => '',
  buildNoViableAltMessage: ({ customUserDescription }: { customUserDescription?: string }): string =>
    customUserDescription ?? '',
  buildEarlyExitMessage: ({ customUserDescription }: { customUserDescription?: string }): string =>
    customUserDescription ?? '',
};

export type Rule<R> = ParserMethod<[], R>;

/** Literals and types, which all other rules use. */
export class TypeGrammar extends EmbeddedActionsParser {
  private nesting = 0;

  constructor(validate: boolean) {
    super([...t.allTokenKinds], {
      maxLookahead: 2,
      lookaheadStrategy: new LazyLookahead({ maxLookahead: 2 }),
      nodeLocationTracking: 'none',
      recoveryEnabled: false,
      skipValidations: !validate,
      // the error message is the set of expected tokens; the rest of the text is added later
      errorMessageProvider: expectations,
    });
  }

  /** Resets the state after a text. */
  override reset(): void {
    super.reset();
    this.nesting = 0;
  }

  protected is(offset: number, type: TokenType): boolean {
    return tokenMatcher(this.LA(offset), type);
  }

  protected place(first: IToken, last: IToken = this.LA(0)): Location {
    return {
      line: first.startLine!,
      column: first.startColumn! - 1,
      start: first.startOffset,
      end: last.endOffset! + 1,
    };
  }

  protected nested<R>(build: () => R): R {
    this.nesting++;
    this.ACTION(() => {
      if (this.nesting > MAX_NESTING) throw tooDeep(this.LA(1));
    });
    const result = build();
    this.nesting--;
    return result;
  }

  readonly literal: Rule<Literal> = this.RULE(
    'literal',
    (): Literal =>
      this.OR([
        {
          ALT: (): Literal => {
            const token = this.CONSUME(k('NULL'));
            return { kind: 'Null', at: this.place(token) };
          },
        },
        {
          ALT: (): Literal => {
            const token = this.CONSUME(k('TRUE'));
            return { kind: 'Boolean', value: true, at: this.place(token) };
          },
        },
        {
          ALT: (): Literal => {
            const token = this.CONSUME(k('FALSE'));
            return { kind: 'Boolean', value: false, at: this.place(token) };
          },
        },
        {
          ALT: (): Literal => {
            const token = this.CONSUME(t.StringValue);
            return { kind: 'String', value: unquote(token.image), at: this.place(token) };
          },
        },
        { ALT: () => this.SUBRULE(this.number) },
      ]),
  );

  /** Parses a number literal. Every number may have a minus sign. */
  readonly number: Rule<Literal> = this.RULE('number', (): Literal => {
    const minus = this.OPTION(() => this.CONSUME(t.Minus));
    const token = this.CONSUME(t.NumberValue);
    return this.ACTION(() => {
      const first = minus ?? token;
      return numberLiteral(
        minus === undefined ? token.image : `-${token.image}`,
        token,
        this.place(first),
        first,
      );
    });
  });

  readonly type: Rule<TypeNode> = this.RULE('type', (): TypeNode => {
    let type = this.nested(() => this.SUBRULE(this.baseType));
    this.MANY(() => {
      this.CONSUME(k('ARRAY'));
      type = { base: 'ARRAY', element: type };
    });
    return type;
  });

  private readonly baseType: Rule<TypeNode> = this.RULE(
    'baseType',
    (): TypeNode =>
      this.OR([
        {
          ALT: (): TypeNode => {
            this.CONSUME(k('ARRAY'));
            this.CONSUME(t.Lt);
            const element = this.SUBRULE(this.type);
            this.CONSUME(t.Gt);
            return { base: 'ARRAY', element };
          },
        },
        {
          ALT: (): TypeNode => {
            this.CONSUME(k('MAP'));
            this.CONSUME2(t.Lt);
            const key = this.SUBRULE2(this.type);
            this.CONSUME(t.Comma);
            const value = this.SUBRULE3(this.type);
            this.CONSUME2(t.Gt);
            return { base: 'MAP', key, value };
          },
        },
        {
          ALT: (): TypeNode => {
            this.CONSUME(k('STRUCT'));
            this.CONSUME(t.Neq);
            return { base: 'STRUCT', fields: [] };
          },
        },
        {
          ALT: (): TypeNode => {
            this.CONSUME2(k('STRUCT'));
            this.CONSUME3(t.Lt);
            const fields: { name: string; type: TypeNode }[] = [];
            this.MANY_SEP({
              SEP: t.Comma,
              DEF: () => {
                const name = nameOf(this.CONSUME2(t.Name));
                fields.push({ name, type: this.SUBRULE4(this.type) });
              },
            });
            this.CONSUME3(t.Gt, { ERR_MSG: "{',', '>'}" });
            return { base: 'STRUCT', fields };
          },
        },
        {
          ALT: (): TypeNode => {
            const first = this.CONSUME(k('DECIMAL'));
            this.CONSUME(t.LeftParen);
            const precision = this.SUBRULE(this.number);
            this.CONSUME2(t.Comma);
            const scale = this.SUBRULE2(this.number);
            this.CONSUME(t.RightParen);
            return this.ACTION(() => decimalOf(precision, scale, first));
          },
        },
        {
          ALT: (): TypeNode => {
            const first = this.CONSUME(t.Name);
            this.OPTION(() => {
              this.CONSUME2(t.LeftParen);
              this.AT_LEAST_ONE_SEP({
                SEP: t.Comma,
                ERR_MSG: TYPE_PARAMETERS,
                DEF: () =>
                  this.OR2({
                    DEF: [
                      { ALT: () => this.CONSUME(t.IntegerValue) },
                      { ALT: () => this.CONSUME(k('STRING')) },
                    ],
                    ERR_MSG: TYPE_PARAMETERS,
                  }),
              });
              this.CONSUME2(t.RightParen, { ERR_MSG: "{',', ')'}" });
            });
            const name = nameOf(first);
            return SIMPLE_TYPES.get(name) ?? { base: 'NAMED', name, at: this.place(first, first) };
          },
        },
      ]),
  );
}

/** An undefined variable in place of a value. */
export function illegalLiteral(token: IToken): SqlSyntaxError {
  const where = `Line: ${token.startLine}, Col: ${token.startColumn}`;
  return invalid(token, `Illegal argument at ${where}. Got: '${token.image}'`, { bare: true });
}

function numberLiteral(text: string, token: IToken, at: Location, first: IToken): Literal {
  if (tokenMatcher(token, t.DecimalValue)) return { kind: 'Decimal', text: decimalText(text), at };
  // ksqlDB counts this column from 2
  const where = `line ${first.startLine}:${first.startColumn! + 1}`;
  if (tokenMatcher(token, t.FloatValue)) {
    const value = Number(text);
    if (Number.isFinite(value)) return { kind: 'Double', value, at };
    throw invalid(first, `${where}: Number overflows DOUBLE: ${text}`);
  }
  const digits = token.image.replace(/^0+(?=\d)/, '');
  if (digits.length <= 19) {
    const value = BigInt(text.startsWith('-') ? `-${digits}` : digits);
    if (value === BigInt.asIntN(32, value)) return { kind: 'Integer', value: Number(value), at };
    if (value === BigInt.asIntN(64, value)) return { kind: 'Long', value, at };
  }
  throw invalid(first, `${where}: Invalid numeric literal: ${text}`);
}

function decimalOf(precision: Literal, scale: Literal, first: IToken): TypeNode {
  if (precision.kind !== 'Integer') {
    throw invalid(first, 'Value must be integer for command: DECIMAL(PRECISION)');
  }
  if (scale.kind !== 'Integer') throw invalid(first, 'Value must be integer for command: DECIMAL(SCALE)');
  const shown = `DECIMAL(${precision.value},${scale.value})`;
  if (precision.value < 1) throw invalid(first, `DECIMAL precision must be >= 1: ${shown}`);
  if (scale.value < 0) throw invalid(first, `DECIMAL scale must be >= 0: ${shown}`);
  if (precision.value < scale.value) throw invalid(first, `DECIMAL precision must be >= scale: ${shown}`);
  return { base: 'DECIMAL', precision: precision.value, scale: scale.value };
}
