import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStatement } from '../../../sql/parse.js';
import { maskedRawText, maskedText } from './mask.js';

const card = '4111111111111111';

describe('maskedText', () => {
  it('masks the inserted values but not the columns', () => {
    const statement = parseStatement(`INSERT INTO cards (id, \`No\`) VALUES (1, '${card}')`);
    expect(maskedText(statement)).toBe("INSERT INTO `CARDS` (`ID`, `No`) VALUES ('[value]', '[value]');");
  });

  it('masks the settings of connectors', () => {
    const statement = parseStatement(`CREATE SOURCE CONNECTOR c WITH ('password'='${card}')`);
    expect(maskedText(statement)).not.toContain(card);
  });

  it('does not change other statements', () => {
    expect(maskedText(parseStatement('list  STREAMS'))).toBe('list  STREAMS;');
  });
});

describe('maskedRawText', () => {
  it.each([
    [`INSERT INTO T (A, B) VALUES ('${card}');`, "INSERT INTO `T` (`A`, `B`) VALUES ('[value]');"],
    [
      `insert into t values (f(1, 2), ARRAY['${card}', 'x'])`,
      "INSERT INTO `T` VALUES ('[value]', '[value]');",
    ],
    ['SELECT * FRM X;', 'SELECT * FRM X;'],
    ['', ''],
  ])('masks %s', (sql, masked) => {
    expect(maskedRawText(sql)).toBe(masked);
  });

  it('never shows a value of INSERT VALUES, no matter how malformed the text is', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), fc.string({ maxLength: 20 }), (before, after) => {
        const sql = `INSERT INTO T VALUES (${before.replaceAll("'", '')}, '${card}'${after}`;
        expect(maskedRawText(sql)).not.toContain(card);
      }),
    );
  });
});
