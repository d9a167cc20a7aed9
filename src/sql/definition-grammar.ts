import type { CreateAsSelect, CreateSource, TypeNode } from './ast.js';
import { type Bare, type BareStatement, ClauseGrammar, checkCount, checkKeys } from './clause-grammar.js';
import { invalid, nameOf, unquote } from './token-text.js';
import * as t from './tokens.js';
import { keyword as k } from './tokens.js';
import type { Rule } from './type-grammar.js';

/** Statements that define objects or write records: CREATE, INSERT, DROP, ALTER. */
export class DefinitionGrammar extends ClauseGrammar {
  protected readonly create: Rule<BareStatement> = this.RULE('create', (): BareStatement => {
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

  protected readonly createConnector: Rule<BareStatement> = this.RULE(
    'createConnector',
    (): BareStatement => {
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
    },
  );

  protected readonly createSource: Rule<BareStatement> = this.RULE('createSource', (): BareStatement => {
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

  protected readonly insert: Rule<BareStatement> = this.RULE('insert', (): BareStatement => {
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

  protected readonly drop: Rule<BareStatement> = this.RULE('drop', (): BareStatement => {
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

  protected readonly alter: Rule<BareStatement> = this.RULE('alter', (): BareStatement => {
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
}
