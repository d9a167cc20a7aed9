import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitStatements } from './split-statements.js';
import { SqlSyntaxError } from './sql-syntax-error.js';

describe('splitStatements', () => {
  const texts = (sql: string): string[] => splitStatements(sql).map(({ text }) => text);

  it('gives the statements with their places', () => {
    const sql = "-- first\nLIST STREAMS;\n\n  SET 'a'='b;c' ; /* end */ SHOW TABLES";
    expect(splitStatements(sql)).toEqual([
      { text: 'LIST STREAMS', line: 2, column: 0, start: 9, end: 21, terminated: true },
      { text: "SET 'a'='b;c'", line: 4, column: 2, start: 26, end: 39, terminated: true },
      { text: 'SHOW TABLES', line: 4, column: 28, start: 52, end: 63, terminated: false },
    ]);
    for (const { text, start, end } of splitStatements(sql)) expect(sql.slice(start, end)).toBe(text);
  });

  it('does not split in strings, quoted names and comments', () => {
    expect(texts('A \'it\'\'s; x\';B `a;``b`;C "d;""e";D -- no; no\n;E /* ; */ F;')).toEqual([
      "A 'it''s; x'",
      'B `a;``b`',
      'C "d;""e"',
      'D',
      'E /* ; */ F',
    ]);
  });

  it('takes a last comment without line break, nothing at all, and only comments', () => {
    expect(texts('A;\n-- the end')).toEqual(['A']);
    expect(texts('A; --')).toEqual(['A']);
    expect(texts('')).toEqual([]);
    expect(texts(' \r\n\t-- x\n/* y */')).toEqual([]);
    expect(texts(';;A;;')).toEqual(['A']);
    expect(texts('\uFEFFA;')).toEqual(['A']);
  });

  it('counts lines through strings, comments and Windows line ends', () => {
    const sql = "A 'x\r\ny';\r\n/*\n\n*/ B;\r\nC;";
    expect(splitStatements(sql).map(({ line, column }) => [line, column])).toEqual([
      [1, 0],
      [5, 3],
      [6, 0],
    ]);
  });

  it.each([
    ["A;\n B 'x;", 2, 4, "'"],
    ['A `x', 1, 3, '`'],
    ['A /* x; */; /* y', 1, 13, '*/'],
  ])('fails for what never ends: %j', (sql, line, column, close) => {
    try {
      splitStatements(sql);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(SqlSyntaxError);
      expect(error).toMatchObject({ line, column });
      expect((error as Error).message).toContain(`no closing ${close}`);
    }
  });

  it('puts statements back together (property)', () => {
    const part = fc.constantFrom(
      "'a;b'",
      '`c;`',
      '"d;"',
      'SELECT',
      '--e;\n',
      '/*f;*/',
      '1.5',
      ' ',
      '\n',
      '${v}',
    );
    fc.assert(
      fc.property(fc.array(fc.array(part, { minLength: 1 })), (statements) => {
        const wanted = statements
          .map((parts) => `x ${parts.join(' ')} y`)
          .map((text) => [text, text] as const);
        const sql = wanted.map(([text]) => `${text};`).join('\n');
        expect(texts(sql)).toEqual(wanted.map(([, text]) => text));
      }),
    );
  });
});
