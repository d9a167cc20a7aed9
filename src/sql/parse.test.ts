import { describe, expect, it } from 'vitest';
import type { Expression, Query, Statement } from './ast.js';
import { formatExpression } from './format-expression.js';
import { parseExpression, parseSchema, parseStatement, parseStatements, parseType } from './parse.js';
import { SqlSyntaxError } from './sql-syntax-error.js';

function failure(action: () => unknown): SqlSyntaxError {
  try {
    action();
  } catch (error) {
    if (error instanceof SqlSyntaxError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

function query(sql: string): Query {
  const statement = parseStatement(sql);
  if (statement.kind !== 'Query') throw new Error(statement.kind);
  return statement.query;
}

describe('expressions', () => {
  it.each([
    ['1 + 2 * 3 - 4', '((1 + (2 * 3)) - 4)'],
    ['a || b + c || d', '`concat`(`concat`(A, (B + C)), D)'],
    ['not a = 1 and b or c', '(((NOT (A = 1)) AND B) OR C)'],
    ['a or b and not not c', '(A OR (B AND (NOT (NOT C))))'],
    ['- a->b[1] * 2', '(-A->B[1] * 2)'],
    ['- -1', '- -1'],
    ['a - -1', '(A - -1)'],
    ['a -1', '(A - 1)'],
    ['-(-a)', '- -A'],
    ['(-a)[1]', '(-A)[1]'],
    ['a not between 1 and 2 and b', '((NOT (A BETWEEN 1 AND 2)) AND B)'],
    [
      "a not in (1, 'x') or a not like 'b%' escape '!'",
      "((NOT (A IN (1, 'x'))) OR (NOT (A LIKE 'b%' ESCAPE '!')))",
    ],
    ['a is not null and b is not distinct from c', '((A IS NOT NULL) AND (NOT (B IS DISTINCT FROM C)))'],
    ['a != 1', '(A <> 1)'],
    ['case a when 1 then 2 end', '(CASE A WHEN 1 THEN 2 END)'],
    ['case when a then 1 else null end', '(CASE WHEN A THEN 1 ELSE null END)'],
    [
      'cast(a as array<struct<x int, `y` decimal(4,2)>>)',
      'CAST(A AS ARRAY<STRUCT<X INTEGER, `y` DECIMAL(4, 2)>>)',
    ],
    ['reduce(m, 0, (s, x) => s + x)', 'REDUCE(M, 0, (S, X) => (S + X))'],
    ['transform(m, (k) => k, v => v[1])', 'TRANSFORM(M, (K) => K, (V) => V[1])'],
    ['timestampadd(days, 5, t)', 'TIMESTAMPADD(DAYS, 5, T)'],
    ["struct(a := 1, `b` := map('k' := array[]))", "STRUCT(A:=1, `b`:=MAP('k':=ARRAY[]))"],
    ['count(*)', 'COUNT(*)'],
    ['t.`a``b`', 'T.`a``b`'],
    ["'it''s'", "'it''s'"],
    ['"quoted ""name"""', '`quoted "name"`'],
    ['`ARRAY`[1]', '`ARRAY`[1]'],
    ['array[1][1]', 'ARRAY[1][1]'],
    ['1e3 + 1.50 + .5 + 2.', '(((1E3 + 1.50) + 0.5) + 2)'],
    ['1.5E-7', '1.5E-7'],
    ['2nd', '2ND'],
    ['true and false', '(true AND false)'],
    ["`DECIMAL` '1.50'", '1.50'],
    ['x /* no */ + -- one\n 1', '(X + 1)'],
    ["'日本語 🎉' || `ünï`", "`concat`('日本語 🎉', `ünï`)"],
  ])('%s', (sql, written) => {
    const expression = parseExpression(sql);
    expect(formatExpression(expression)).toBe(written);
    expect(formatExpression(parseExpression(written))).toBe(written);
  });

  it('keeps numbers exact and knows their kinds', () => {
    const kinds = (sql: string): unknown => {
      const { at: _, ...literal } = parseExpression(sql) as Expression & { at?: unknown };
      return literal;
    };
    expect(kinds('2147483647')).toEqual({ kind: 'Integer', value: 2147483647 });
    expect(kinds('2147483648')).toEqual({ kind: 'Long', value: 2147483648n });
    expect(kinds('-2147483648')).toEqual({ kind: 'Integer', value: -2147483648 });
    expect(kinds('-9223372036854775808')).toEqual({ kind: 'Long', value: -9223372036854775808n });
    expect(kinds('0009223372036854775807')).toEqual({ kind: 'Long', value: 9223372036854775807n });
    expect(kinds('12345678901234567890.12345678901')).toEqual({
      kind: 'Decimal',
      text: '12345678901234567890.12345678901',
    });
    expect(kinds('1E3')).toEqual({ kind: 'Double', value: 1000 });
  });

  it.each([
    ['9223372036854775808', /line 1:2: Invalid numeric literal: 9223372036854775808/],
    ['-9223372036854775809', /Invalid numeric literal: -9223372036854775809/],
    ['1E999', /Number overflows DOUBLE: 1E999/],
    ["a like 'x' escape 'ab'", /Expected single character escape but got: ab/],
    ["a at time zone 'UTC'", /not yet implemented/],
    ["`FOO` 'x'", /Unknown type: FOO/],
    ['cast(a as decimal(2, 3))', /DECIMAL precision must be >= scale: DECIMAL\(2,3\)/],
    ['${x} + 1', /Illegal argument at Line: 1, Col: 1. Got: '\$\{x\}'/],
  ])('finds no sense in %s', (sql, message) => {
    const error = failure(() => parseExpression(sql));
    expect(error.code).toBe('SQL_INVALID');
    expect(error.message).toMatch(message);
  });

  it.each([
    '',
    '1 +',
    'a b',
    'a = b = c',
    'a.b.c',
    'f(x => x)',
    'f(a, x => x, 1)',
    'f(1,)',
    '(1',
    'case end',
    'struct(1)',
    "'a",
    '#',
    'a[',
    'x->*',
  ])('refuses %j', (sql) => {
    expect(failure(() => parseExpression(sql)).code).toBe('SQL_SYNTAX');
  });
});

describe('types and schemas', () => {
  it('resolves the names of types it knows', () => {
    expect(parseType('varchar(10)')).toEqual({ base: 'STRING' });
    expect(parseType('VARCHAR(STRING)')).toEqual({ base: 'STRING' });
    expect(parseType('int array')).toEqual({ base: 'ARRAY', element: { base: 'INTEGER' } });
    expect(parseType('map<string, struct<>>')).toMatchObject({ value: { base: 'STRUCT', fields: [] } });
    expect(parseType('Address')).toMatchObject({ base: 'NAMED', name: 'ADDRESS' });
  });

  it('reads a schema as the tests of ksqlDB write it', () => {
    const columns = parseSchema("ID BIGINT KEY, `v` STRING, H BYTES HEADER('x'), P INT PRIMARY KEY");
    expect(columns).toMatchObject([
      { name: 'ID', type: { base: 'BIGINT' }, constraint: 'KEY' },
      { name: 'v', type: { base: 'STRING' } },
      { name: 'H', constraint: 'HEADER', header: 'x' },
      { name: 'P', constraint: 'PRIMARY KEY' },
    ]);
    expect(parseSchema('')).toEqual([]);
  });
});

describe('queries', () => {
  it('reads all clauses', () => {
    expect(
      query(`SELECT a.*, *, s->x->*, b.id AS id2, count(*) n
        FROM left_s a
        FULL JOIN b WITHIN (1 HOUR, 2 MINUTES) GRACE PERIOD 3 SECONDS ON a.id = b.id
        RIGHT OUTER JOIN c ON b.id = c.id
        WINDOW w HOPPING (SIZE 30 DAYS, ADVANCE BY 1 DAY, RETENTION 400 DAYS, GRACE PERIOD 365 DAYS)
        WHERE a.x > 0 GROUP BY (a.id, b.id) PARTITION BY a.x HAVING count(*) > 1 EMIT FINAL LIMIT 7;`),
    ).toMatchObject({
      select: [
        { kind: 'Star', source: 'A' },
        { kind: 'Star' },
        { kind: 'StructAll', base: { kind: 'Dereference', field: 'X' } },
        { kind: 'Single', alias: 'ID2' },
        { kind: 'Single', alias: 'N', expression: { kind: 'Call', star: true } },
      ],
      from: {
        left: { name: 'LEFT_S', alias: 'A' },
        joins: [
          {
            type: 'OUTER',
            right: { name: 'B', alias: 'B' },
            within: {
              before: { value: 1n, unit: 'HOUR' },
              after: { value: 2n, unit: 'MINUTE' },
              symmetric: false,
              grace: { value: 3n, unit: 'SECOND' },
            },
          },
          { type: 'RIGHT' },
        ],
      },
      window: {
        type: 'HOPPING',
        size: { value: 30n, unit: 'DAY' },
        advance: { value: 1n, unit: 'DAY' },
        retention: { value: 400n, unit: 'DAY' },
        grace: { value: 365n, unit: 'DAY' },
      },
      groupBy: { expressions: [{ source: 'A' }, { source: 'B' }] },
      partitionBy: { expressions: [{ name: 'X' }] },
      emit: 'FINAL',
      limit: 7,
    });
  });

  it('tells clauses from aliases', () => {
    expect(query('SELECT * FROM x EMIT CHANGES;')).toMatchObject({
      from: { left: { alias: 'X' } },
      emit: 'CHANGES',
    });
    expect(query('SELECT * FROM x emit EMIT CHANGES;')).toMatchObject({ from: { left: { alias: 'EMIT' } } });
    expect(query('SELECT * FROM x PARTITION BY a;')).toMatchObject({ from: { left: { alias: 'X' } } });
    expect(query('SELECT * FROM x partition PARTITION BY a;')).toMatchObject({
      from: { left: { alias: 'PARTITION' } },
    });
  });

  it('tells lists from parentheses', () => {
    const grouped = (sql: string): number | undefined =>
      query(`SELECT * FROM x GROUP BY ${sql};`).groupBy?.expressions.length;
    expect(grouped('(a)')).toBe(1);
    expect(grouped('(a + b) * 2, c')).toBe(2);
    expect(grouped('(a, f(b, c))')).toBe(2);
    expect(grouped('(f(a, b))')).toBe(1);
    expect(grouped('()')).toBe(0);
  });
});

describe('statements', () => {
  it.each<[string, Partial<Statement> & { kind: Statement['kind'] }]>([
    [
      'CREATE OR REPLACE SOURCE TABLE IF NOT EXISTS t (id INT PRIMARY KEY) WITH (partitions=1)',
      { kind: 'CreateSource', orReplace: true, source: true, ifNotExists: true, sourceType: 'TABLE' },
    ],
    ['CREATE STREAM if (a INT)', { kind: 'CreateSource', name: 'IF', ifNotExists: false }],
    ['CREATE STREAM IF NOT EXISTS s AS SELECT * FROM x', { kind: 'CreateAsSelect', ifNotExists: true }],
    ["INSERT INTO s WITH (query_id='q') SELECT * FROM x", { kind: 'InsertInto', target: 'S' }],
    ["INSERT INTO s (a, `b`) VALUES (1 + 2, ARRAY['x'])", { kind: 'InsertValues', columns: ['A', 'b'] }],
    ['DROP TABLE IF EXISTS t DELETE TOPIC', { kind: 'DropSource', ifExists: true, deleteTopic: true }],
    ['ALTER STREAM s ADD COLUMN a INT, ADD b STRING', { kind: 'AlterSource', name: 'S' }],
    ['CREATE TYPE IF NOT EXISTS a AS STRUCT<x INT>', { kind: 'CreateType', ifNotExists: true }],
    ['DROP TYPE IF EXISTS a', { kind: 'DropType', name: 'A', ifExists: true }],
    [
      "CREATE SINK CONNECTOR c WITH ('connector.class'='X', tasks=1)",
      { kind: 'CreateConnector', connectorType: 'SINK' },
    ],
    ['DROP CONNECTOR `c`', { kind: 'DropConnector', name: 'c', ifExists: false }],
    ['TERMINATE ALL', { kind: 'Terminate', all: true }],
    ['PAUSE q_1', { kind: 'Pause', queryId: 'Q_1' }],
    ["SET 'a' = 'b'", { kind: 'SetProperty', property: 'a', value: 'b' }],
    ["ALTER SYSTEM 'a'='b'", { kind: 'AlterSystem', value: 'b' }],
    ["UNSET 'a'", { kind: 'UnsetProperty', property: 'a' }],
    ["DEFINE format = 'JSON'", { kind: 'Define', name: 'format', value: 'JSON' }],
    ["DEFINE topic = 'reserved words too'", { kind: 'Define', name: 'topic' }],
    ['UNDEFINE x', { kind: 'Undefine', name: 'x' }],
    ['SHOW ALL TOPICS EXTENDED', { kind: 'List', what: 'TOPICS', all: true, extended: true }],
    ['list source connectors', { kind: 'List', what: 'CONNECTORS', scope: 'SOURCE' }],
    ['SHOW CONNECTOR PLUGINS', { kind: 'List', what: 'CONNECTOR PLUGINS' }],
    ['DESCRIBE s EXTENDED', { kind: 'Describe', name: 'S', extended: true }],
    ['DESCRIBE TABLES', { kind: 'DescribeAll', what: 'TABLES' }],
    ['DESCRIBE `TABLES`', { kind: 'Describe', name: 'TABLES' }],
    ['DESCRIBE FUNCTION topk', { kind: 'DescribeFunction', name: 'topk' }],
    ['EXPLAIN ctas_x_1', { kind: 'Explain', queryId: 'CTAS_X_1' }],
    [
      "PRINT 'my-topic' FROM BEGINNING INTERVAL 2 LIMIT 3",
      { kind: 'Print', topic: 'my-topic', fromBeginning: true, interval: 2, limit: 3 },
    ],
    ['PRINT Topic1', { kind: 'Print', topic: 'Topic1' }],
    ["RUN SCRIPT '/a/b.sql'", { kind: 'RunScript', file: '/a/b.sql' }],
    [
      'ASSERT NOT EXISTS TOPIC t WITH (partitions=2) TIMEOUT 3 SECONDS',
      { kind: 'AssertTopic', exists: false, timeout: { value: 3n, unit: 'SECOND' } },
    ],
    ["ASSERT SCHEMA SUBJECT 's-value' ID 4", { kind: 'AssertSchema', subject: 's-value', id: 4 }],
    ['ASSERT VALUES s (a) VALUES (1)', { kind: 'AssertValues', columns: ['A'] }],
    ['ASSERT NULL VALUES s (a) KEY (1)', { kind: 'AssertTombstone', source: 'S' }],
    ["ASSERT STREAM s (a INT KEY) WITH (kafka_topic='x')", { kind: 'AssertSource', sourceType: 'STREAM' }],
  ])('%s', (sql, wanted) => {
    expect(parseStatement(`${sql};`)).toMatchObject({ ...wanted, text: sql });
    expect(parseStatement(sql)).toMatchObject(wanted);
  });

  it('explains the statement that follows, with its own text', () => {
    expect(parseStatement('EXPLAIN  SELECT * FROM x EMIT CHANGES;')).toMatchObject({
      kind: 'Explain',
      statement: { kind: 'Query', text: 'SELECT * FROM x EMIT CHANGES' },
    });
  });

  it('gives the WITH clause in upper case and in order', () => {
    const statement = parseStatement(
      "CREATE STREAM s (a INT) WITH (value_format='JSON', 'Kafka_Topic'='t');",
    );
    if (statement.kind !== 'CreateSource') throw new Error(statement.kind);
    expect([...statement.with.keys()]).toEqual(['VALUE_FORMAT', 'KAFKA_TOPIC']);
  });

  it('gives places in the script', () => {
    const sql = '-- x\nLIST STREAMS;\n\n  SELECT a,\n    b + c FROM s;';
    const [, second] = parseStatements(sql);
    expect(second?.at).toEqual({ line: 4, column: 2, start: 22, end: sql.length - 1 });
    if (second?.kind !== 'Query') throw new Error();
    expect(second.query.select[1]?.at).toMatchObject({ line: 5, column: 4 });
    const sum = second.query.select[1];
    // the position of an operation is that of its operator, as in ksqlDB's messages
    expect(sum?.kind === 'Single' ? sum.expression.at : undefined).toMatchObject({ line: 5, column: 6 });
  });

  it.each([
    ['SELECT x.a FROM y;', "Failed to prepare statement: 'X' is not a valid stream/table name or alias."],
    [
      'INSERT INTO s (a, b) VALUES (1);',
      'Failed to prepare statement: Expected number columns and values to match: 2, 1',
    ],
    [
      'CREATE STREAM s AS SELECT * FROM x LIMIT 1;',
      "Failed to prepare statement: CREATE STREAM AS SELECT statements don't support LIMIT clause.",
    ],
    ['SELECT * FROM x LIMIT 1.5;', 'Failed to prepare statement: Value must be integer for command: LIMIT'],
    [
      'CREATE STREAM s (a INT PRIMARY KEY);',
      "Line: 1, Col: 18: Column `A` is a 'PRIMARY KEY' column: please use 'KEY' for streams.",
    ],
    [
      'DROP STREAM `a.b`;',
      "Illegal argument at Line: 1, Col: 13. Source names may only contain alphanumeric values, '_' or '-'. Got: 'a.b'",
    ],
    ["CREATE STREAM s (a INT) WITH (x='1', X='2');", 'Property X is given twice'],
    ['ASSERT SCHEMA;', 'much include a subject name or an id'],
  ])('finds no sense in %s', (sql, message) => {
    const error = failure(() => parseStatements(sql));
    expect(error.code).toBe('SQL_INVALID');
    expect(error.message).toContain(message);
  });

  it.each([
    ['SELCT * FROM x;', "line 1:1: Syntax Error\nUnknown statement 'SELCT'\nDid you mean 'SELECT'?"],
    [
      'LIST STREAMS; CRAETE STREAM x;',
      "line 1:15: Syntax Error\nUnknown statement 'CRAETE'\nDid you mean 'CREATE'?",
    ],
    ['CREATE STREM X;', "line 1:8: Syntax Error\nSyntax error at or near 'STREM' at line 1:8"],
    ['SELECT * FRM X;', "line 1:10: Syntax Error\nExpecting {',', 'FROM'}"],
    [
      'CREATE STREAM x (from INT);',
      "line 1:18: Syntax Error\n\"from\" is a reserved keyword and it can't be used as an identifier. You can use it as an identifier by escaping it as 'from' ",
    ],
    ['SELECT (a FROM x;', "line 1:11: Syntax Error\nmissing ')' at 'FROM'"],
    ['LIST STREAMS LIST TABLES;', "line 1:14: Syntax Error\nmissing ';' at 'LIST'"],
    ['SELECT f(a', "line 1:11: Syntax Error\nSyntax error at or near \";\"\n'}', ']', or ')' is missing"],
    ['LIST STREAMS\n-- end', "line 2:7: Syntax Error\nmissing ';' at '<EOF>'"],
    [';', "line 1:1: Syntax Error\nSyntax error at or near ';' at line 1:1"],
  ])('fails for %j', (sql, message) => {
    const error = failure(() => parseStatements(sql));
    expect(error.message).toBe(message);
    expect(error.code).toBe('SQL_SYNTAX');
  });

  it('names the line, the column and the words, and shows the line', () => {
    const error = failure(() => parseStatements('LIST STREAMS;\nSELECT *\n  FRM x;'));
    expect(error).toMatchObject({ line: 3, column: 3, offset: 25, offending: 'FRM', text: '  FRM x;' });
    expect(error.where).toBe('line 3, column 3');
  });

  it('takes one statement where one is asked for', () => {
    expect(failure(() => parseStatement('LIST STREAMS; LIST TABLES;')).message).toBe(
      'Expected exactly one KSQL statement; found 2 instead',
    );
    expect(failure(() => parseStatement('-- nothing')).message).toContain('found 0 instead');
  });
});

describe('limits', () => {
  const deep = (open: string, middle: string, close: string, n: number): string =>
    open.repeat(n) + middle + close.repeat(n);

  it.each([
    ['(', '1', ')'],
    ['f(', '1', ')'],
    ['CASE WHEN a THEN ', '1', ' END'],
    ['f(a, x => ', '1', ')'],
    ['ARRAY[', '1', ']'],
    ['CAST(', '1', ' AS INT)'],
    ['a[', '1', ']'],
    ['struct(a := ', '1', ')'],
  ])('bounds the nesting of %s', (open, middle, close) => {
    expect(() => formatExpression(parseExpression(deep(open, middle, close, 90)))).not.toThrow();
    const error = failure(() => parseExpression(deep(open, middle, close, 20_000)));
    expect(error.code).toBe('SQL_TOO_LARGE');
    expect(error.message).toContain('too many nested expressions');
  });

  it('bounds types, EXPLAIN and chains of operators', () => {
    for (const sql of [
      `CREATE STREAM s (a ${deep('ARRAY<', 'INT', '>', 10_000)});`,
      `${'EXPLAIN '.repeat(10_000)}LIST STREAMS;`,
      `SELECT ${'NOT '.repeat(10_000)}a FROM x;`,
      `SELECT ${'- '.repeat(10_000)}a FROM x;`,
      `SELECT a${' + 1'.repeat(10_000)} FROM x;`,
      `SELECT a${'->b'.repeat(10_000)} FROM x;`,
      `SELECT a FROM x WHERE b = 1${' OR b = 1'.repeat(10_000)};`,
      `CREATE STREAM s (a INT${' ARRAY'.repeat(10_000)});`,
    ]) {
      expect(failure(() => parseStatements(sql)).code).toBe('SQL_TOO_LARGE');
    }
    expect(() => parseExpression(`a${' + 1'.repeat(900)}`)).not.toThrow();
    expect(failure(() => parseExpression(`'${'x'.repeat(1_000_000)}'`)).code).toBe('SQL_TOO_LARGE');
  });

  it('takes long flat statements', () => {
    const list = Array.from({ length: 20_000 }, (_, i) => i).join(', ');
    expect(query(`SELECT ${list} FROM x WHERE a IN (${list});`).select).toHaveLength(20_000);
  });

  it('gives an error, and works again, where the stack is nearly used up', () => {
    const atTheEnd = (): Error => {
      try {
        return atTheEnd();
      } catch {
        try {
          parseExpression('f(g(h(1 + 2)))');
          return new Error('it was enough');
        } catch (error) {
          return error as Error;
        }
      }
    };
    expect(atTheEnd()).toBeInstanceOf(Error);
    expect(formatExpression(parseExpression('1 + 2'))).toBe('(1 + 2)');
  });
});
