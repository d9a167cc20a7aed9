import { AssertGrammar } from './assert-grammar.js';
import type { ColumnDefinition, Expression, Statement, TypeNode } from './ast.js';
import type { BareStatement } from './clause-grammar.js';
import { nameOf, unquote } from './token-text.js';
import * as t from './tokens.js';
import { keyword as k } from './tokens.js';
import type { Rule } from './type-grammar.js';

/** The complete grammar. Each class in the chain adds one family of rules. */
export class StatementGrammar extends AssertGrammar {
  constructor(validate = false) {
    super(validate);
    this.performSelfAnalysis();
  }

  readonly single: Rule<BareStatement> = this.RULE('single', (): BareStatement => {
    const statement = this.SUBRULE(this.statement);
    this.CONSUME(t.Semicolon);
    this.ACTION(() => this.checkQualifiers());
    return statement;
  });

  readonly wholeExpression: Rule<Expression> = this.RULE('wholeExpression', () =>
    this.SUBRULE(this.expression),
  );

  readonly wholeType: Rule<TypeNode> = this.RULE('wholeType', () => this.SUBRULE(this.type));

  readonly wholeSchema: Rule<ColumnDefinition[]> = this.RULE('wholeSchema', (): ColumnDefinition[] => {
    const columns: ColumnDefinition[] = [];
    this.MANY_SEP({ SEP: t.Comma, DEF: () => columns.push(this.SUBRULE(this.column)) });
    return columns;
  });

  private readonly statement: Rule<BareStatement> = this.RULE(
    'statement',
    (): BareStatement =>
      this.nested(() =>
        this.OR([
          {
            ALT: (): BareStatement => {
              const query = this.SUBRULE(this.query);
              return { kind: 'Query', query };
            },
          },
          { ALT: () => this.SUBRULE(this.create) },
          { ALT: () => this.SUBRULE(this.insert) },
          { ALT: () => this.SUBRULE(this.drop) },
          { ALT: () => this.SUBRULE(this.alter) },
          { ALT: () => this.SUBRULE(this.list) },
          { ALT: () => this.SUBRULE(this.describe) },
          { ALT: () => this.SUBRULE(this.explain) },
          { ALT: () => this.SUBRULE(this.print) },
          { ALT: () => this.SUBRULE(this.control) },
          { ALT: () => this.SUBRULE(this.session) },
          { ALT: () => this.SUBRULE(this.assert) },
          {
            ALT: (): BareStatement => {
              this.CONSUME(k('RUN'));
              this.CONSUME(k('SCRIPT'));
              return { kind: 'RunScript', file: unquote(this.CONSUME(t.StringValue).image) };
            },
          },
        ]),
      ),
  );

  private readonly explain: Rule<BareStatement> = this.RULE('explain', (): BareStatement => {
    this.CONSUME(k('EXPLAIN'));
    return this.OR({
      DEF: [
        {
          // a word that starts a statement may be the name of a query if nothing follows it
          GATE: () => this.is(1, t.Name) && (this.is(2, t.Semicolon) || Number.isNaN(this.LA(2).startOffset)),
          ALT: (): BareStatement => ({ kind: 'Explain', queryId: nameOf(this.CONSUME(t.Name)) }),
        },
        {
          ALT: (): BareStatement => {
            const first = this.LA(1);
            const statement = this.SUBRULE(this.statement);
            const at = this.place(first);
            return { kind: 'Explain', statement: { ...statement, text: '', at } as Statement };
          },
        },
      ],
      MAX_LOOKAHEAD: 1,
      IGNORE_AMBIGUITIES: true,
    });
  });
}
