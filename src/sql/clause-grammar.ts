import type { IToken } from 'chevrotain';
import type { ColumnDefinition, Expression, Literal, Statement, TypeNode, WithProperties } from './ast.js';
import { tokenMatcher } from './chevrotain.js';
import { formatType } from './format-type.js';
import { optional, QueryGrammar } from './query-grammar.js';
import { SqlSyntaxError } from './sql-syntax-error.js';
import { invalid, nameOf, unquote } from './token-text.js';
import * as t from './tokens.js';
import { keyword as k } from './tokens.js';
import { A_NAME, illegalLiteral, type Rule } from './type-grammar.js';

export type SourceType = 'STREAM' | 'TABLE';

/** A statement whose text and position are set last. */
export type Bare<S> = S extends Statement ? Omit<S, 'text' | 'at'> : never;
export type BareStatement = Bare<Statement>;

interface Property {
  readonly key: IToken;
  readonly name: string;
  readonly value: Literal;
}

const NO_PROPERTIES: WithProperties = new Map();

/** Clauses that several statements use: columns, WITH, lists of names and values. */
export class ClauseGrammar extends QueryGrammar {
  protected sourceType(index: number): SourceType {
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

  protected ifNotExists(index: number): boolean {
    return (
      this.option(index, () => {
        this.consume(index, k('IF'));
        this.consume(index, k('NOT'));
        return this.consume(index, k('EXISTS'));
      }) !== undefined
    );
  }

  protected ifExists(index: number): boolean {
    return (
      this.option(index, () => {
        this.consume(index, k('IF'));
        return this.consume(index, k('EXISTS'));
      }) !== undefined
    );
  }

  protected readonly columns: Rule<ColumnDefinition[]> = this.RULE('columns', (): ColumnDefinition[] => {
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

  protected readonly column: Rule<ColumnDefinition> = this.RULE('column', (): ColumnDefinition => {
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
      // HEADERS without a name means all headers
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

  protected withClause(index: number): WithProperties {
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

  protected readonly properties: Rule<Property[]> = this.RULE('properties', (): Property[] => {
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

  protected readonly names: Rule<string[]> = this.RULE('names', (): string[] => {
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

  protected readonly values: Rule<Expression[]> = this.RULE('values', (): Expression[] => {
    const values: Expression[] = [];
    this.CONSUME(t.LeftParen);
    this.MANY_SEP({ SEP: t.Comma, DEF: () => values.push(this.SUBRULE(this.valueExpression)) });
    this.CONSUME(t.RightParen, { ERR_MSG: "{',', ')'}" });
    return values;
  });

  protected resource(index: number): string {
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
}

export function checkCount(at: IToken, columns: readonly string[], values: readonly Expression[]): void {
  if (columns.length > 0 && columns.length !== values.length) {
    throw invalid(at, `Expected number columns and values to match: ${columns.length}, ${values.length}`);
  }
}

/** Streams have keys, tables have primary keys. */
export function checkKeys(sourceType: SourceType, columns: readonly ColumnDefinition[]): void {
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
  // the catalog checks whether the name is a type
  if (constraint === 'HEADERS' && type.base !== 'NAMED' && found !== wanted) {
    throw invalid(at, `Invalid type for HEADERS column: expected ${wanted}, got ${found}`);
  }
}
