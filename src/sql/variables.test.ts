import { describe, expect, it } from 'vitest';
import { parseStatements } from './parse.js';
import { SqlSyntaxError } from './sql-syntax-error.js';
import { substituteVariables } from './variables.js';

const map = (values: Record<string, string>): Map<string, string> => new Map(Object.entries(values));

describe('substituteVariables', () => {
  it.each([
    ['DROP STREAM ${s}', { s: 'orders' }, 'DROP STREAM orders'],
    ['DROP STREAM ${S}', { s: '`My-Stream`' }, 'DROP STREAM `My-Stream`'],
    ["SET 'a'='${x}-${Y}'", { X: '1', y: '2' }, "SET 'a'='1-2'"],
    ["SET 'a'='$${x} ${x}'", { x: '1' }, "SET 'a'='${x} 1'"],
    ["SET 'a'='${x:-none} ${y:-2}'", { x: '1' }, "SET 'a'='1 2'"],
    ["PRINT '${x}'", { x: "it's" }, "PRINT 'it''s'"],
    ["PRINT '${x}'", { x: "'it''s'" }, "PRINT 'it''s'"],
    ["PRINT '${x}'", { x: '${y}', y: 'z' }, "PRINT 'z'"],
    [
      'WITH (partitions=${n}, kafka_topic=${t}, wrap=${b})',
      { n: '-3', t: "'a'", b: 'true' },
      "WITH (partitions=-3, kafka_topic='a', wrap=true)",
    ],
    [
      "SELECT ${missing}, '${missing}' FROM `${s}` -- ${s}",
      { s: 'x' },
      "SELECT ${missing}, '${missing}' FROM `${s}` -- ${s}",
    ],
  ])('%j with %j', (text, variables, wanted) => {
    expect(substituteVariables(text, map(variables as Record<string, string>))).toBe(wanted);
  });

  it.each(['a; DROP STREAM b', 'a b', "'a' 'b'", "'a", 'select', '', '1 2', 'f(x)', '--', '${y}'])(
    'refuses %j outside of quotes',
    (value) => {
      expect(() => substituteVariables('DROP STREAM ${x}', map({ x: value }))).toThrow(
        /Illegal argument at Line: 1, Col: 13/,
      );
    },
  );

  it('lets no value end the string it stands in', () => {
    const text = substituteVariables("PRINT '${x}'", map({ x: "a'; DROP STREAM b; PRINT '" }));
    expect(parseStatements(`${text};`)).toMatchObject([{ topic: "a'; DROP STREAM b; PRINT '" }]);
  });

  it('fails for values that go round in circles or grow without end', () => {
    expect(() => substituteVariables("PRINT '${a}'", map({ a: '${b}', b: '${a}' }))).toThrow(/Infinite loop/);
    const laughs = Object.fromEntries(
      Array.from({ length: 19 }, (_, i) => [`x${i}`, `\${x${i + 1}}`.repeat(100)]),
    );
    expect(() => substituteVariables("PRINT '${x0}'", map({ ...laughs, x19: 'ha' }))).toThrow(SqlSyntaxError);
  });
});

describe('variables in a script', () => {
  it('take effect on the statements that follow, in any case, until they are undefined', () => {
    const [, first, , second, , third] = parseStatements(
      "DEFINE Format='JSON'; PRINT '${format}'; DEFINE FORMAT='AVRO'; PRINT '${format}'; UNDEFINE format; PRINT '${format}';",
    );
    expect([first, second, third]).toMatchObject([
      { topic: 'JSON' },
      { topic: 'AVRO' },
      { topic: '${format}' },
    ]);
  });

  it('leave the map of the caller alone, and show in the text', () => {
    const variables = map({ t: 'a' });
    const [, statement] = parseStatements("DEFINE t='b'; PRINT '${t}';", { variables });
    expect(statement).toMatchObject({ text: "PRINT 'b'" });
    expect(variables.get('t')).toBe('a');
  });

  it('keep the places of the script', () => {
    const sql = "LIST STREAMS;\nSELECT '${long}',\n  ${col}, X FROM ${s} WHERE Y;";
    const [, statement] = parseStatements(sql, {
      variables: map({ long: 'a very\nlong\nvalue', col: 'c', s: 'some_stream' }),
    });
    if (statement?.kind !== 'Query') throw new Error('not a query');
    const places = statement.query.select.map((item) => [item.at?.line, item.at?.column]);
    expect(places).toEqual([
      [2, 7],
      [3, 2],
      [3, 10],
    ]);
    const where = statement.query.where?.at;
    expect(where).toMatchObject({ line: 3, column: 28 });
    expect(sql.slice(where?.start, where?.end)).toBe('Y');
  });

  it('fail with the place in the script', () => {
    const sql = 'LIST STREAMS;\n  DROP STREAM ${x};';
    expect(() => parseStatements(sql, { variables: map({ x: 'a b' }) })).toThrow(
      /Line: 2, Col: 15\. Got: 'a b'/,
    );
  });
});
