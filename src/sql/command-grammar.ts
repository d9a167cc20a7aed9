import type { ListStatement, PrintTopic } from './ast.js';
import { tokenMatcher } from './chevrotain.js';
import type { Bare, BareStatement } from './clause-grammar.js';
import { DefinitionGrammar } from './definition-grammar.js';
import { optional } from './query-grammar.js';
import { nameOf, unquote } from './token-text.js';
import * as t from './tokens.js';
import { keyword as k } from './tokens.js';
import type { Rule } from './type-grammar.js';

/** Statements that inspect a server, control its queries or configure a session. */
export class CommandGrammar extends DefinitionGrammar {
  protected readonly list: Rule<BareStatement> = this.RULE('list', (): BareStatement => {
    this.OR([{ ALT: () => this.CONSUME(k('LIST')) }, { ALT: () => this.CONSUME(k('SHOW')) }]);
    let all = false;
    let scope: 'SOURCE' | 'SINK' | undefined;
    let extended = false;
    const mayExtend = (index: number): void => {
      if (this.option(index, () => this.consume(index, k('EXTENDED'))) !== undefined) extended = true;
    };
    const what = this.OR1([
      { ALT: () => this.listed('PROPERTIES') },
      { ALT: () => this.listed('FUNCTIONS') },
      { ALT: () => this.listed('TYPES') },
      { ALT: () => this.listed('VARIABLES') },
      {
        ALT: () => {
          const what = this.listed('STREAMS');
          mayExtend(1);
          return what;
        },
      },
      {
        ALT: () => {
          const what = this.listed('TABLES');
          mayExtend(2);
          return what;
        },
      },
      {
        ALT: () => {
          const what = this.listed('QUERIES');
          mayExtend(3);
          return what;
        },
      },
      {
        ALT: () => {
          if (this.OPTION4(() => this.CONSUME(k('ALL'))) !== undefined) all = true;
          const what = this.listed('TOPICS');
          mayExtend(5);
          return what;
        },
      },
      {
        ALT: (): ListStatement['what'] => {
          this.CONSUME(k('CONNECTOR'));
          this.CONSUME(k('PLUGINS'));
          return 'CONNECTOR PLUGINS';
        },
      },
      {
        ALT: () => {
          this.OPTION6(() => {
            scope = this.OR2([
              {
                ALT: (): 'SOURCE' | 'SINK' => {
                  this.CONSUME(k('SOURCE'));
                  return 'SOURCE';
                },
              },
              {
                ALT: (): 'SOURCE' | 'SINK' => {
                  this.CONSUME(k('SINK'));
                  return 'SINK';
                },
              },
            ]);
          });
          return this.listed('CONNECTORS');
        },
      },
    ]);
    return { kind: 'List', what, extended, all, ...optional('scope', scope) };
  });

  private listed(what: Exclude<ListStatement['what'], 'CONNECTOR PLUGINS'>): ListStatement['what'] {
    this.CONSUME(k(what));
    return what;
  }

  protected readonly describe: Rule<BareStatement> = this.RULE('describe', (): BareStatement => {
    this.CONSUME(k('DESCRIBE'));
    return this.OR([
      {
        ALT: (): BareStatement => {
          this.CONSUME(k('STREAMS'));
          const extended = this.OPTION1(() => this.CONSUME1(k('EXTENDED'))) !== undefined;
          return { kind: 'DescribeAll', what: 'STREAMS', extended };
        },
      },
      {
        ALT: (): BareStatement => {
          this.CONSUME(k('CONNECTOR'));
          return { kind: 'DescribeConnector', name: nameOf(this.CONSUME1(t.Name)) };
        },
      },
      {
        ALT: (): BareStatement => {
          this.CONSUME(k('FUNCTION'));
          const name = this.CONSUME2(t.Name);
          // function names are case-insensitive and are shown as written
          return { kind: 'DescribeFunction', name: this.isPlain(name) ? name.image : nameOf(name) };
        },
      },
      {
        ALT: (): BareStatement => {
          const first = this.LA(1);
          const name = this.sourceName(3);
          const extended = this.OPTION2(() => this.CONSUME2(k('EXTENDED'))) !== undefined;
          return tokenMatcher(first, k('TABLES'))
            ? { kind: 'DescribeAll', what: 'TABLES', extended }
            : { kind: 'Describe', name, extended };
        },
      },
    ]);
  });

  protected readonly print: Rule<BareStatement> = this.RULE('print', (): BareStatement => {
    this.CONSUME(k('PRINT'));
    const topic = this.resource(1);
    const fromBeginning =
      this.OPTION(() => {
        this.CONSUME(k('FROM'));
        return this.CONSUME(k('BEGINNING'));
      }) !== undefined;
    const interval = this.OPTION2(() => {
      const first = this.OR2([
        { ALT: () => this.CONSUME(k('INTERVAL')) },
        { ALT: () => this.CONSUME(k('SAMPLE')) },
      ]);
      return this.wholeNumber(first, 'INTERVAL');
    });
    const limit = this.OPTION3(() => this.SUBRULE(this.limit));
    return {
      kind: 'Print',
      topic,
      fromBeginning,
      ...optional('interval', interval),
      ...optional('limit', limit),
    } satisfies Bare<PrintTopic>;
  });

  protected readonly control: Rule<BareStatement> = this.RULE('control', (): BareStatement => {
    const kind = this.OR([
      {
        ALT: (): 'Terminate' | 'Pause' | 'Resume' => {
          this.CONSUME(k('TERMINATE'));
          return 'Terminate';
        },
      },
      {
        ALT: (): 'Terminate' | 'Pause' | 'Resume' => {
          this.CONSUME(k('PAUSE'));
          return 'Pause';
        },
      },
      {
        ALT: (): 'Terminate' | 'Pause' | 'Resume' => {
          this.CONSUME(k('RESUME'));
          return 'Resume';
        },
      },
    ]);
    return this.OR2([
      {
        ALT: (): BareStatement => {
          this.CONSUME(k('ALL'));
          return { kind, queryId: 'ALL', all: true };
        },
      },
      { ALT: (): BareStatement => ({ kind, queryId: nameOf(this.CONSUME(t.Name)), all: false }) },
    ]);
  });

  protected readonly session: Rule<BareStatement> = this.RULE(
    'session',
    (): BareStatement =>
      this.OR([
        {
          ALT: (): BareStatement => {
            this.CONSUME(k('SET'));
            const property = unquote(this.CONSUME1(t.StringValue).image);
            this.CONSUME1(t.Eq);
            return { kind: 'SetProperty', property, value: unquote(this.CONSUME2(t.StringValue).image) };
          },
        },
        {
          ALT: (): BareStatement => {
            this.CONSUME(k('UNSET'));
            return { kind: 'UnsetProperty', property: unquote(this.CONSUME3(t.StringValue).image) };
          },
        },
        {
          ALT: (): BareStatement => {
            this.CONSUME(k('DEFINE'));
            const name = this.CONSUME1(t.Word).image;
            this.CONSUME2(t.Eq);
            return { kind: 'Define', name, value: unquote(this.CONSUME4(t.StringValue).image) };
          },
        },
        {
          ALT: (): BareStatement => {
            this.CONSUME(k('UNDEFINE'));
            return { kind: 'Undefine', name: this.CONSUME2(t.Word).image };
          },
        },
      ]),
  );
}
