import type { IToken } from 'chevrotain';
import type {
  Duration,
  Expression,
  FromClause,
  GroupBy,
  JoinClause,
  Query,
  SelectItem,
  TableReference,
  WindowExpression,
  WithinExpression,
} from './ast.js';
import { tokenMatcher } from './chevrotain.js';
import { ExpressionGrammar, timeUnit } from './expression-grammar.js';
import { invalid, nameOf } from './token-text.js';
import * as t from './tokens.js';
import { keyword as k } from './tokens.js';
import { ANYTHING, type Rule } from './type-grammar.js';

/** Optional parts as object members. Missing parts are absent. */
export function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };
}

/** Queries, windows and joins. */
export class QueryGrammar extends ExpressionGrammar {
  /** Names and aliases that may qualify a column. */
  protected sources = new Set<string>();
  /** Whether the statement has a query. ksqlDB's errors after a query are shorter. */
  protected hasQuery = false;

  override reset(): void {
    super.reset();
    this.sources = new Set();
    this.hasQuery = false;
  }

  readonly query: Rule<Query> = this.RULE('query', (): Query => {
    const first = this.CONSUME(k('SELECT'));
    this.ACTION(() => {
      this.hasQuery = true;
    });
    const select: SelectItem[] = [];
    this.AT_LEAST_ONE_SEP({
      SEP: t.Comma,
      DEF: () => select.push(this.SUBRULE(this.selectItem)),
      ERR_MSG: ANYTHING,
    });
    this.CONSUME(k('FROM'), { ERR_MSG: "{',', 'FROM'}" });
    const from = this.SUBRULE(this.from);
    const window = this.OPTION(() => {
      this.CONSUME(k('WINDOW'));
      return this.SUBRULE(this.window);
    });
    const where = this.OPTION2(() => {
      this.CONSUME(k('WHERE'));
      return this.SUBRULE(this.expression);
    });
    const groupBy = this.OPTION3((): GroupBy => {
      const start = this.CONSUME(k('GROUP'));
      this.CONSUME(k('BY'));
      const expressions = this.SUBRULE(this.byList);
      return { expressions, at: this.place(start) };
    });
    const partitionBy = this.OPTION4(() => {
      const start = this.CONSUME(k('PARTITION'));
      this.CONSUME2(k('BY'));
      const expressions = this.SUBRULE2(this.byList);
      return { expressions, at: this.place(start) };
    });
    const having = this.OPTION5(() => {
      this.CONSUME(k('HAVING'));
      return this.SUBRULE2(this.expression);
    });
    const emit = this.OPTION6((): 'CHANGES' | 'FINAL' => {
      this.CONSUME(k('EMIT'));
      return this.OR([
        {
          ALT: (): 'CHANGES' | 'FINAL' => {
            this.CONSUME(k('CHANGES'));
            return 'CHANGES';
          },
        },
        {
          ALT: (): 'CHANGES' | 'FINAL' => {
            this.CONSUME(k('FINAL'));
            return 'FINAL';
          },
        },
      ]);
    });
    const limit = this.OPTION7(() => this.SUBRULE(this.limit));
    return {
      select,
      from,
      ...optional('window', window),
      ...optional('where', where),
      ...optional('groupBy', groupBy),
      ...optional('partitionBy', partitionBy),
      ...optional('having', having),
      ...optional('emit', emit),
      ...optional('limit', limit),
      at: this.place(first),
    };
  });

  protected readonly limit: Rule<number> = this.RULE('limit', (): number => {
    const first = this.CONSUME(k('LIMIT'));
    return this.wholeNumber(first, 'LIMIT');
  });

  /** Parses a 32-bit number. Called once per rule. */
  protected wholeNumber(first: IToken, command: string): number {
    const value = this.SUBRULE(this.number);
    return this.ACTION(() => {
      if (value.kind === 'Integer') return value.value;
      throw invalid(first, `Value must be integer for command: ${command}`);
    });
  }

  private readonly selectItem: Rule<SelectItem> = this.RULE('selectItem', (): SelectItem => {
    const first = this.LA(1);
    return this.OR({
      DEF: [
        {
          ALT: (): SelectItem => {
            this.CONSUME(t.Asterisk);
            return { kind: 'Star', at: this.place(first) };
          },
        },
        {
          GATE: () => this.is(2, t.Point) && this.is(3, t.Asterisk),
          ALT: (): SelectItem => {
            const source = this.CONSUME(t.Name);
            this.CONSUME(t.Point);
            this.CONSUME2(t.Asterisk);
            this.ACTION(() => this.qualifiers.push(source));
            return { kind: 'Star', source: nameOf(source), at: this.place(first) };
          },
        },
        { ALT: (): SelectItem => this.selectExpression(first) },
      ],
      MAX_LOOKAHEAD: 1,
      IGNORE_AMBIGUITIES: true,
      ERR_MSG: ANYTHING,
    });
  });

  private selectExpression(first: IToken): SelectItem {
    const expression = this.SUBRULE(this.expression);
    const all = this.OPTION({
      GATE: () => expression === this.lastOperand && expression.kind !== 'ArithmeticUnary',
      DEF: () => {
        this.CONSUME(t.Arrow);
        this.CONSUME3(t.Asterisk);
        return true;
      },
    });
    if (all === true) return { kind: 'StructAll', base: expression, at: this.place(first) };
    const alias = this.OPTION2(() => {
      this.OPTION3(() => this.CONSUME(k('AS')));
      return nameOf(this.CONSUME3(t.Name));
    });
    return { kind: 'Single', expression, ...optional('alias', alias), at: this.place(first) };
  }

  private readonly from: Rule<FromClause> = this.RULE('from', (): FromClause => {
    const left = this.SUBRULE(this.tableReference);
    const joins: JoinClause[] = [];
    this.MANY(() => joins.push(this.SUBRULE(this.join)));
    return { left, joins };
  });

  private readonly tableReference: Rule<TableReference> = this.RULE('tableReference', (): TableReference => {
    const first = this.LA(1);
    const name = this.sourceName(1);
    const alias = this.OPTION({
      // words that start the next clause may also be names; a complete clause wins
      GATE: () => !this.atClause(),
      DEF: () => {
        this.OPTION2(() => this.CONSUME(k('AS')));
        return this.sourceName(2);
      },
    });
    this.ACTION(() => {
      this.sources.add(name);
      if (alias !== undefined) this.sources.add(alias);
    });
    return { name, alias: alias ?? name, at: this.place(first) };
  });

  private atClause(): boolean {
    if (this.is(1, k('EMIT'))) return this.is(2, k('CHANGES')) || this.is(2, k('FINAL'));
    return this.is(1, k('PARTITION')) && this.is(2, k('BY'));
  }

  /** Parses the name of a stream or table. `index` must be unique among the names of the rule. */
  protected sourceName(index: number): string {
    const token = this.consume(index, t.Name);
    return this.ACTION(() => {
      const name = nameOf(token);
      if (/^[a-zA-Z0-9_-]*$/.test(name)) return name;
      const where = `Line: ${token.startLine}, Col: ${token.startColumn}`;
      throw invalid(
        token,
        `Illegal argument at ${where}. Source names may only contain alphanumeric values, '_' or '-'. Got: '${name}'`,
        { bare: true, text: name },
      );
    });
  }

  private readonly join: Rule<JoinClause> = this.RULE('join', (): JoinClause => {
    const first = this.LA(1);
    const type = this.OPTION(() =>
      this.OR([
        {
          ALT: (): JoinClause['type'] => {
            this.CONSUME(k('INNER'));
            return 'INNER';
          },
        },
        { ALT: () => this.outer(1, 'LEFT', 'LEFT') },
        { ALT: () => this.outer(2, 'RIGHT', 'RIGHT') },
        { ALT: () => this.outer(3, 'FULL', 'OUTER') },
      ]),
    );
    this.CONSUME(k('JOIN'));
    const right = this.SUBRULE(this.tableReference);
    const within = this.OPTION4(() => {
      this.CONSUME(k('WITHIN'));
      return this.SUBRULE(this.within);
    });
    this.CONSUME(k('ON'));
    const on = this.SUBRULE(this.expression);
    return { type: type ?? 'INNER', right, ...optional('within', within), on, at: this.place(first) };
  });

  private outer(
    index: number,
    word: 'LEFT' | 'RIGHT' | 'FULL',
    type: JoinClause['type'],
  ): JoinClause['type'] {
    this.CONSUME(k(word));
    this.option(index, () => this.consume(index, k('OUTER')));
    return type;
  }

  private readonly within: Rule<WithinExpression> = this.RULE('within', (): WithinExpression => {
    let after: Duration | undefined;
    const before = this.OR([
      {
        ALT: (): Duration => {
          this.CONSUME(t.LeftParen);
          const size = this.SUBRULE(this.duration);
          this.CONSUME(t.Comma);
          after = this.SUBRULE2(this.duration);
          this.CONSUME(t.RightParen);
          return size;
        },
      },
      { ALT: () => this.SUBRULE3(this.duration) },
    ]);
    const grace = this.OPTION(() => {
      this.CONSUME(k('GRACE'));
      this.CONSUME(k('PERIOD'));
      return this.SUBRULE4(this.duration);
    });
    return {
      before,
      after: after ?? before,
      symmetric: after === undefined,
      ...optional('grace', grace),
    };
  });

  protected readonly duration: Rule<Duration> = this.RULE('duration', (): Duration => {
    const first = this.LA(1);
    const number = this.SUBRULE(this.number);
    const unit = this.CONSUME(t.Unit);
    return this.ACTION(() => {
      if (number.kind !== 'Integer' && number.kind !== 'Long') {
        throw invalid(first, `A duration must be a whole number of ${unit.image.toUpperCase()}`);
      }
      return { value: BigInt(number.value), unit: timeUnit(unit) };
    });
  });

  private readonly window: Rule<WindowExpression> = this.RULE('window', (): WindowExpression => {
    this.OPTION(() => this.CONSUME(t.Identifier));
    const first = this.LA(1);
    let type: WindowExpression['type'] = 'TUMBLING';
    let advance: Duration | undefined;
    const size = this.OR([
      {
        ALT: () => {
          this.CONSUME(k('TUMBLING'));
          this.CONSUME(t.LeftParen);
          this.CONSUME(k('SIZE'));
          return this.SUBRULE(this.duration);
        },
      },
      {
        ALT: () => {
          this.CONSUME(k('HOPPING'));
          type = 'HOPPING';
          this.CONSUME2(t.LeftParen);
          this.CONSUME2(k('SIZE'));
          const duration = this.SUBRULE2(this.duration);
          this.CONSUME(t.Comma);
          this.CONSUME(k('ADVANCE'));
          this.CONSUME(k('BY'));
          advance = this.SUBRULE3(this.duration);
          return duration;
        },
      },
      {
        ALT: () => {
          this.CONSUME(k('SESSION'));
          type = 'SESSION';
          this.CONSUME3(t.LeftParen);
          return this.SUBRULE4(this.duration);
        },
      },
    ]);
    const retention = this.OPTION2(() => {
      this.CONSUME2(t.Comma);
      this.CONSUME(k('RETENTION'));
      return this.SUBRULE5(this.duration);
    });
    const grace = this.OPTION3(() => {
      this.CONSUME3(t.Comma);
      this.CONSUME(k('GRACE'));
      this.CONSUME(k('PERIOD'));
      return this.SUBRULE6(this.duration);
    });
    this.CONSUME(t.RightParen, { ERR_MSG: "{',', ')'}" });
    return {
      type,
      size,
      ...optional('advance', advance),
      ...optional('retention', retention),
      ...optional('grace', grace),
      at: this.place(first),
    };
  });

  /** Parses the expressions after GROUP BY and PARTITION BY, or one list of them in parentheses. */
  private readonly byList: Rule<Expression[]> = this.RULE('byList', (): Expression[] => {
    const expressions: Expression[] = [];
    this.OR({
      DEF: [
        {
          GATE: () => this.atList(),
          ALT: () => {
            this.CONSUME(t.LeftParen);
            this.MANY_SEP({
              SEP: t.Comma,
              DEF: () => expressions.push(this.SUBRULE(this.valueExpression)),
            });
            this.CONSUME(t.RightParen, { ERR_MSG: "{',', ')'}" });
          },
        },
        {
          ALT: () => {
            this.AT_LEAST_ONE_SEP({
              SEP: t.Comma,
              DEF: () => expressions.push(this.SUBRULE2(this.valueExpression)),
            });
          },
        },
      ],
      MAX_LOOKAHEAD: 1,
      IGNORE_AMBIGUITIES: true,
    });
    return expressions;
  });

  /** Returns whether the parentheses contain a list: they are empty or have a comma outside inner brackets. */
  private atList(): boolean {
    if (!this.is(1, t.LeftParen)) return false;
    if (this.is(2, t.RightParen)) return true;
    let depth = 0;
    for (let i = 1; ; i++) {
      const { tokenType } = this.LA(i);
      if (tokenType === t.LeftParen || tokenType === t.LeftBracket) depth++;
      else if (tokenType === t.RightParen || tokenType === t.RightBracket) depth--;
      else if (tokenType === t.Comma && depth === 1) return true;
      if (depth === 0 || Number.isNaN(this.LA(i).startOffset)) return false;
    }
  }

  /** What error messages depend on in the text parsed so far. */
  context(): { readonly hasQuery: boolean } {
    return { hasQuery: this.hasQuery };
  }

  /** Fails if a qualifier is not a source of the statement. */
  protected checkQualifiers(): void {
    for (const token of this.qualifiers) {
      const name = nameOf(token);
      if (!this.sources.has(name)) {
        throw invalid(token, `'${name}' is not a valid stream/table name or alias.`);
      }
    }
  }

  protected isPlain(token: IToken): boolean {
    return !tokenMatcher(token, t.Backquoted) && !tokenMatcher(token, t.Quoted);
  }
}
