import type { AssertSchema } from './ast.js';
import { type Bare, type BareStatement, checkCount, checkKeys } from './clause-grammar.js';
import { CommandGrammar } from './command-grammar.js';
import { optional } from './query-grammar.js';
import { invalid } from './token-text.js';
import { keyword as k } from './tokens.js';
import type { Rule } from './type-grammar.js';

/** The ASSERT statements. */
export class AssertGrammar extends CommandGrammar {
  protected readonly assert: Rule<BareStatement> = this.RULE('assert', (): BareStatement => {
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
