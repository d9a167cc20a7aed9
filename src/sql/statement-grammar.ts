import type { IToken, ParserMethod } from 'chevrotain';
import type {
  AssertSchema,
  ColumnDefinition,
  CreateAsSelect,
  CreateSource,
  Expression,
  ListStatement,
  Literal,
  PrintTopic,
  Statement,
  TypeNode,
  WithProperties,
} from './ast.js';
import { tokenMatcher } from './chevrotain.js';
import { A_NAME, illegalLiteral } from './expression-grammar.js';
import { formatType } from './format-type.js';
import { optional, QueryGrammar } from './query-grammar.js';
import { SqlSyntaxError } from './sql-syntax-error.js';
import { invalid, nameOf, unquote } from './token-text.js';
import * as t from './tokens.js';
import { keyword as k } from './tokens.js';

type Rule<R> = ParserMethod<[], R>;
type SourceType = 'STREAM' | 'TABLE';

/** A statement whose text and place are filled in last. */
type Bare<S> = S extends Statement ? Omit<S, 'text' | 'at'> : never;
export type BareStatement = Bare<Statement>;

interface Property {
  readonly key: IToken;
  readonly name: string;
  readonly value: Literal;
}

const NO_PROPERTIES: WithProperties = new Map();

/** The statements. */
export class StatementGrammar extends QueryGrammar {
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

  // ------------------------------------------------------------ CREATE

  private readonly create: Rule<BareStatement> = this.RULE('create', (): BareStatement => {
    this.CONSUME(k('CREATE'));
    return this.OR([
      {
        ALT: (): BareStatement => {
          this.CONSUME(k('TYPE'));
          const ifNotExists = this.ifNotExists(1);
          const name = nameOf(this.CONSUME(t.Name));
          this.CONSUME(k('AS'));
          return { kind: 'CreateType', name, ifNotExists, type: this.SUBRULE(this.type) };
        },
      },
      { ALT: () => this.SUBRULE(this.createConnector) },
      { ALT: () => this.SUBRULE(this.createSource) },
    ]);
  });

  private readonly createConnector: Rule<BareStatement> = this.RULE('createConnector', (): BareStatement => {
    const connectorType = this.OR([
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
    this.CONSUME(k('CONNECTOR'));
    const ifNotExists = this.ifNotExists(1);
    const name = nameOf(this.CONSUME(t.Name));
    this.CONSUME(k('WITH'));
    const properties = this.SUBRULE(this.properties);
    return this.ACTION(() => ({
      kind: 'CreateConnector',
      connectorType,
      name,
      ifNotExists,
      with: new Map(properties.map(({ name, value }) => [name, value])),
    }));
  });

  private readonly createSource: Rule<BareStatement> = this.RULE('createSource', (): BareStatement => {
    const orReplace =
      this.OPTION(() => {
        this.CONSUME(k('OR'));
        return this.CONSUME(k('REPLACE'));
      }) !== undefined;
    const source = this.OPTION2(() => this.CONSUME(k('SOURCE'))) !== undefined;
    const sourceType = this.sourceType(1);
    const ifNotExists = this.ifNotExists(3);
    const name = this.sourceName(1);
    const columns = this.OPTION4(() => this.SUBRULE(this.columns));
    const properties = this.withClause(5);
    const query = this.OPTION6({
      GATE: () => columns === undefined && !source,
      DEF: () => {
        const as = this.CONSUME(k('AS'));
        const query = this.SUBRULE(this.query);
        this.ACTION(() => {
          if (query.limit !== undefined) {
            throw invalid(as, `CREATE ${sourceType} AS SELECT statements don't support LIMIT clause.`);
          }
        });
        return query;
      },
    });
    this.ACTION(() => checkKeys(sourceType, columns ?? []));
    const common = { sourceType, name, orReplace, ifNotExists, with: properties };
    return query === undefined
      ? ({ kind: 'CreateSource', ...common, source, columns: columns ?? [] } satisfies Bare<CreateSource>)
      : ({ kind: 'CreateAsSelect', ...common, query } satisfies Bare<CreateAsSelect>);
  });

  private sourceType(index: number): SourceType {
    return this.or(index, [
      {
        ALT: (): SourceType => {
          this.consume(index, k('STREAM'));
          return 'STREAM';
        },
      },
      {
        ALT: (): SourceType => {
          this.consume(index, k('TABLE'));
          return 'TABLE';
        },
      },
    ]);
  }

  private ifNotExists(index: number): boolean {
    return (
      this.option(index, () => {
        this.consume(index, k('IF'));
        this.consume(index, k('NOT'));
        return this.consume(index, k('EXISTS'));
      }) !== undefined
    );
  }

  private ifExists(index: number): boolean {
    return (
      this.option(index, () => {
        this.consume(index, k('IF'));
        return this.consume(index, k('EXISTS'));
      }) !== undefined
    );
  }

  private readonly columns: Rule<ColumnDefinition[]> = this.RULE('columns', (): ColumnDefinition[] => {
    const first = this.CONSUME(t.LeftParen);
    const columns: ColumnDefinition[] = [];
    this.AT_LEAST_ONE_SEP({
      SEP: t.Comma,
      ERR_MSG: A_NAME,
      DEF: () => columns.push(this.SUBRULE(this.column)),
    });
    this.CONSUME(t.RightParen, { ERR_MSG: "{',', ')'}" });
    this.ACTION(() => {
      const twice = [...new Set(columns.map(({ name }) => name).filter((n, i, all) => all.indexOf(n) !== i))];
      if (twice.length > 0) {
        throw invalid(first, `Duplicate column names: ${twice.map((name) => `\`${name}\``).join(', ')}`);
      }
    });
    return columns;
  });

  private readonly column: Rule<ColumnDefinition> = this.RULE('column', (): ColumnDefinition => {
    const first = this.CONSUME(t.Name);
    const type = this.SUBRULE(this.type);
    let constraint: ColumnDefinition['constraint'];
    let header: string | undefined;
    this.OPTION(() => {
      this.OR([
        {
          ALT: () => {
            this.CONSUME(k('PRIMARY'));
            this.CONSUME(k('KEY'));
            constraint = 'PRIMARY KEY';
          },
        },
        {
          ALT: () => {
            this.CONSUME2(k('KEY'));
            constraint = 'KEY';
          },
        },
        {
          ALT: () => {
            this.CONSUME(k('HEADERS'));
            constraint = 'HEADERS';
          },
        },
        {
          ALT: () => {
            this.CONSUME(k('HEADER'));
            this.CONSUME(t.LeftParen);
            header = unquote(this.CONSUME(t.StringValue).image).trim();
            this.CONSUME(t.RightParen);
            constraint = 'HEADER';
          },
        },
      ]);
    });
    this.ACTION(() => {
      // a header without a name is all of them
      if (header === '') {
        header = undefined;
        constraint = 'HEADERS';
      }
      checkHeader(first, type, constraint, header);
    });
    return {
      name: nameOf(first),
      type,
      ...optional('constraint', constraint),
      ...optional('header', header),
      at: this.place(first),
    };
  });

  // ------------------------------------------------------------ WITH

  private withClause(index: number): WithProperties {
    const properties = this.option(index, () => {
      this.consume(index, k('WITH'));
      return this.subrule(index, this.properties);
    });
    if (properties === undefined) return NO_PROPERTIES;
    return this.ACTION(() => {
      const result = new Map<string, Literal>();
      for (const { key, name, value } of properties) {
        const upper = name.toUpperCase();
        if (result.has(upper)) throw invalid(key, `Property ${upper} is given twice in the WITH clause`);
        result.set(upper, value);
      }
      return result;
    });
  }

  private readonly properties: Rule<Property[]> = this.RULE('properties', (): Property[] => {
    this.CONSUME(t.LeftParen);
    const properties: Property[] = [];
    this.AT_LEAST_ONE_SEP({
      SEP: t.Comma,
      DEF: () => {
        const key = this.OR([
          { ALT: () => this.CONSUME(t.Name) },
          { ALT: () => this.CONSUME(t.StringValue) },
        ]);
        this.CONSUME(t.Eq);
        const value = this.OR2([
          { ALT: () => this.SUBRULE(this.literal) },
          {
            ALT: (): Literal => {
              const variable = this.CONSUME(t.Variable);
              return this.ACTION((): Literal => {
                throw illegalLiteral(variable);
              });
            },
          },
        ]);
        this.ACTION(() => {
          const name = tokenMatcher(key, t.StringValue) ? unquote(key.image) : nameOf(key);
          properties.push({ key, name, value });
        });
      },
    });
    this.CONSUME(t.RightParen, { ERR_MSG: "{',', ')'}" });
    return properties;
  });

  // ------------------------------------------------------------ INSERT

  private readonly insert: Rule<BareStatement> = this.RULE('insert', (): BareStatement => {
    this.CONSUME(k('INSERT'));
    this.CONSUME(k('INTO'));
    const target = this.sourceName(1);
    return this.OR([
      {
        ALT: (): BareStatement => {
          const properties = this.withClause(1);
          return { kind: 'InsertInto', target, with: properties, query: this.SUBRULE(this.query) };
        },
      },
      {
        ALT: (): BareStatement => {
          const columns = this.OPTION2(() => this.SUBRULE(this.names)) ?? [];
          const first = this.CONSUME(k('VALUES'));
          const values = this.SUBRULE(this.values);
          this.ACTION(() => checkCount(first, columns, values));
          return { kind: 'InsertValues', target, columns, values };
        },
      },
    ]);
  });

  private readonly names: Rule<string[]> = this.RULE('names', (): string[] => {
    const names: string[] = [];
    this.CONSUME(t.LeftParen);
    this.AT_LEAST_ONE_SEP({
      SEP: t.Comma,
      ERR_MSG: A_NAME,
      DEF: () => names.push(nameOf(this.CONSUME(t.Name))),
    });
    this.CONSUME(t.RightParen, { ERR_MSG: "{',', ')'}" });
    return names;
  });

  private readonly values: Rule<Expression[]> = this.RULE('values', (): Expression[] => {
    const values: Expression[] = [];
    this.CONSUME(t.LeftParen);
    this.MANY_SEP({ SEP: t.Comma, DEF: () => values.push(this.SUBRULE(this.valueExpression)) });
    this.CONSUME(t.RightParen, { ERR_MSG: "{',', ')'}" });
    return values;
  });

  // ------------------------------------------------------------ DROP, ALTER

  private readonly drop: Rule<BareStatement> = this.RULE('drop', (): BareStatement => {
    this.CONSUME(k('DROP'));
    return this.OR([
      {
        ALT: (): BareStatement => {
          this.CONSUME(k('TYPE'));
          const ifExists = this.ifExists(1);
          return { kind: 'DropType', name: nameOf(this.CONSUME1(t.Name)), ifExists };
        },
      },
      {
        ALT: (): BareStatement => {
          this.CONSUME(k('CONNECTOR'));
          const ifExists = this.ifExists(2);
          return { kind: 'DropConnector', name: nameOf(this.CONSUME2(t.Name)), ifExists };
        },
      },
      {
        ALT: (): BareStatement => {
          const sourceType = this.sourceType(3);
          const ifExists = this.ifExists(3);
          const name = this.sourceName(3);
          const deleteTopic =
            this.OPTION4(() => {
              this.CONSUME(k('DELETE'));
              return this.CONSUME(k('TOPIC'));
            }) !== undefined;
          return { kind: 'DropSource', sourceType, name, ifExists, deleteTopic };
        },
      },
    ]);
  });

  private readonly alter: Rule<BareStatement> = this.RULE('alter', (): BareStatement => {
    this.CONSUME(k('ALTER'));
    return this.OR([
      {
        ALT: (): BareStatement => {
          this.CONSUME(k('SYSTEM'));
          const property = unquote(this.CONSUME1(t.StringValue).image);
          this.CONSUME(t.Eq);
          return { kind: 'AlterSystem', property, value: unquote(this.CONSUME2(t.StringValue).image) };
        },
      },
      {
        ALT: (): BareStatement => {
          const sourceType = this.sourceType(2);
          const name = this.sourceName(1);
          const add: { name: string; type: TypeNode }[] = [];
          this.AT_LEAST_ONE_SEP({
            SEP: t.Comma,
            DEF: () => {
              this.CONSUME(k('ADD'));
              this.OPTION(() => this.CONSUME(k('COLUMN')));
              const column = nameOf(this.CONSUME2(t.Name));
              add.push({ name: column, type: this.SUBRULE(this.type) });
            },
          });
          return { kind: 'AlterSource', sourceType, name, add };
        },
      },
    ]);
  });

  // ------------------------------------------------------------ SHOW, DESCRIBE, EXPLAIN, PRINT

  private readonly list: Rule<BareStatement> = this.RULE('list', (): BareStatement => {
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

  private readonly describe: Rule<BareStatement> = this.RULE('describe', (): BareStatement => {
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
          // functions are looked up in any case, and shown as they were asked for
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

  private readonly explain: Rule<BareStatement> = this.RULE('explain', (): BareStatement => {
    this.CONSUME(k('EXPLAIN'));
    return this.OR({
      DEF: [
        {
          // a word that starts a statement may be the name of a query, if nothing follows it
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

  private resource(index: number): string {
    return this.or(index, [
      {
        ALT: () => {
          const name = this.consume(index, t.Name);
          return this.isPlain(name) ? name.image : nameOf(name);
        },
      },
      { ALT: () => unquote(this.consume(index, t.StringValue).image) },
    ]);
  }

  private readonly print: Rule<BareStatement> = this.RULE('print', (): BareStatement => {
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

  // ------------------------------------------------------------ TERMINATE, PAUSE, RESUME

  private readonly control: Rule<BareStatement> = this.RULE('control', (): BareStatement => {
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

  // ------------------------------------------------------------ SET, DEFINE

  private readonly session: Rule<BareStatement> = this.RULE(
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

  // ------------------------------------------------------------ ASSERT

  private readonly assert: Rule<BareStatement> = this.RULE('assert', (): BareStatement => {
    this.CONSUME(k('ASSERT'));
    return this.OR([
      {
        ALT: (): BareStatement => {
          this.CONSUME(k('VALUES'));
          const source = this.sourceName(1);
          const columns = this.OPTION1(() => this.SUBRULE1(this.names)) ?? [];
          const first = this.CONSUME2(k('VALUES'));
          const values = this.SUBRULE1(this.values);
          this.ACTION(() => checkCount(first, columns, values));
          return { kind: 'AssertValues', source, columns, values };
        },
      },
      {
        ALT: (): BareStatement => {
          this.CONSUME(k('NULL'));
          this.CONSUME3(k('VALUES'));
          const source = this.sourceName(2);
          const columns = this.OPTION2(() => this.SUBRULE2(this.names)) ?? [];
          const first = this.CONSUME(k('KEY'));
          const values = this.SUBRULE2(this.values);
          this.ACTION(() => checkCount(first, columns, values));
          return { kind: 'AssertTombstone', source, columns, values };
        },
      },
      {
        ALT: (): BareStatement => {
          const sourceType = this.sourceType(3);
          const name = this.sourceName(3);
          const columns = this.OPTION3(() => this.SUBRULE(this.columns)) ?? [];
          this.ACTION(() => checkKeys(sourceType, columns));
          return { kind: 'AssertSource', sourceType, name, columns, with: this.withClause(4) };
        },
      },
      {
        ALT: (): BareStatement => {
          const exists =
            this.OPTION5(() => {
              this.CONSUME(k('NOT'));
              return this.CONSUME(k('EXISTS'));
            }) === undefined;
          return this.OR1([
            { ALT: (): BareStatement => this.assertTopic(exists) },
            { ALT: (): BareStatement => this.assertSchema(exists) },
          ]);
        },
      },
    ]);
  });

  private assertTopic(exists: boolean): BareStatement {
    this.CONSUME(k('TOPIC'));
    const topic = this.resource(6);
    const properties = this.withClause(6);
    const timeout = this.OPTION7(() => {
      this.CONSUME1(k('TIMEOUT'));
      return this.SUBRULE1(this.duration);
    });
    return { kind: 'AssertTopic', topic, exists, with: properties, ...optional('timeout', timeout) };
  }

  private assertSchema(exists: boolean): BareStatement {
    const first = this.CONSUME(k('SCHEMA'));
    const subject = this.OPTION8(() => {
      this.CONSUME(k('SUBJECT'));
      return this.resource(8);
    });
    const id = this.OPTION9(() => {
      this.CONSUME(k('ID'));
      return this.SUBRULE(this.literal);
    });
    const timeout = this.option(10, () => {
      this.CONSUME2(k('TIMEOUT'));
      return this.SUBRULE2(this.duration);
    });
    this.ACTION(() => {
      if (subject === undefined && id === undefined) {
        throw invalid(first, 'ASSERT SCHEMA statements much include a subject name or an id');
      }
      if (id !== undefined && id.kind !== 'Integer') throw invalid(first, 'ID must be an integer');
    });
    return {
      kind: 'AssertSchema',
      exists,
      ...optional('subject', subject),
      ...optional('id', id?.kind === 'Integer' ? id.value : undefined),
      ...optional('timeout', timeout),
    } satisfies Bare<AssertSchema>;
  }
}

function checkCount(at: IToken, columns: readonly string[], values: readonly Expression[]): void {
  if (columns.length > 0 && columns.length !== values.length) {
    throw invalid(at, `Expected number columns and values to match: ${columns.length}, ${values.length}`);
  }
}

/** Streams have keys, tables have primary keys. */
function checkKeys(sourceType: SourceType, columns: readonly ColumnDefinition[]): void {
  const [wrong, right] =
    sourceType === 'TABLE' ? (['KEY', 'PRIMARY KEY'] as const) : (['PRIMARY KEY', 'KEY'] as const);
  const column = columns.find(({ constraint }) => constraint === wrong);
  if (column?.at === undefined) return;
  const { line, column: col, start } = column.at;
  throw new SqlSyntaxError(
    'SQL_INVALID',
    `Line: ${line}, Col: ${col + 1}: Column \`${column.name}\` is a '${wrong}' column: ` +
      `please use '${right}' for ${sourceType.toLowerCase()}s.\n` +
      'Tables have PRIMARY KEYs, which are unique and NON NULL.\n' +
      'Streams have KEYs, which have no uniqueness or NON NULL constraints.',
    { line, column: col, offset: start },
    column.name,
    `\`${column.name}\``,
  );
}

const HEADERS_TYPE: TypeNode = {
  base: 'ARRAY',
  element: {
    base: 'STRUCT',
    fields: [
      { name: 'KEY', type: { base: 'STRING' } },
      { name: 'VALUE', type: { base: 'BYTES' } },
    ],
  },
};

function checkHeader(
  at: IToken,
  type: TypeNode,
  constraint: ColumnDefinition['constraint'],
  header: string | undefined,
): void {
  if (constraint !== 'HEADERS' && constraint !== 'HEADER') return;
  const found = formatType(type, { quote: 'always' });
  if (constraint === 'HEADER' && type.base !== 'NAMED' && type.base !== 'BYTES') {
    throw invalid(at, `Invalid type for HEADER('${header}') column: expected BYTES, got ${found}`);
  }
  const wanted = formatType(HEADERS_TYPE, { quote: 'always' });
  // the type behind a name is the catalog's to check
  if (constraint === 'HEADERS' && type.base !== 'NAMED' && found !== wanted) {
    throw invalid(at, `Invalid type for HEADERS column: expected ${wanted}, got ${found}`);
  }
}
