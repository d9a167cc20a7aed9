import { describe, expect, it } from 'vitest';
import { NON_RESERVED_KEYWORDS, RESERVED_KEYWORDS } from './keywords.js';
import { parseStatement } from './parse.js';
import { SqlSyntaxError } from './sql-syntax-error.js';
import { StatementGrammar } from './statement-grammar.js';

describe('the grammar', () => {
  it('is sound: nothing ambiguous, left recursive or unreachable', () => {
    expect(() => new StatementGrammar(true)).not.toThrow();
  });

  it.each(NON_RESERVED_KEYWORDS)(
    'takes %s as the name of a stream, a column, an alias and a field',
    (word) => {
      const lower = word.toLowerCase();
      const statement = parseStatement(
        `CREATE STREAM ${lower} AS SELECT x.${lower} AS ${lower}, s->${lower} y FROM ${lower} x;`,
      );
      expect(statement).toMatchObject({
        name: word,
        query: {
          from: { left: { name: word, alias: 'X' } },
          select: [
            { alias: word, expression: { kind: 'Column', source: 'X', name: word } },
            { expression: { kind: 'Dereference', field: word } },
          ],
        },
      });
    },
  );

  it.each(RESERVED_KEYWORDS)('refuses %s as a name, unless it is quoted', (word) => {
    expect(() => parseStatement(`DROP STREAM ${word};`)).toThrow(SqlSyntaxError);
    expect(parseStatement(`DROP STREAM \`${word}\`;`)).toMatchObject({ name: word });
    expect(parseStatement(`DROP STREAM "${word}";`)).toMatchObject({ name: word });
  });
});
