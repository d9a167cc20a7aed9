import { specify } from './topology.test-util.js';

/** Operators without state: WHERE, SELECT and table functions. */
const stream = "CREATE STREAM S (ID STRING KEY, N INT, V STRING) WITH (KAFKA_TOPIC='S', $);";

specify({
  of: 'WHERE over a stream',
  sources: stream,
  query: 'CREATE STREAM O AS SELECT ID, V FROM S WHERE 10 / N > 1;',
  rules: [
    ['passes the rows for which the condition is true', ['S@1 a: 2, x', '@1 a: x'], ['S@1 a: 10, x']],
    [
      'a condition that fails is logged and does not pass',
      ['S@1 a: 0, x', 'log: Error evaluating predicate ((10 / N) > 1)'],
    ],
    ['a record without a value does not pass', ['S@1 a: (none)']],
  ],
});

specify({
  of: 'WHERE over a NULL',
  sources: stream,
  query: 'CREATE STREAM O AS SELECT ID, V FROM S WHERE NOT (N > 1);',
  rules: [
    [
      'a comparison with NULL is false, not unknown: ksqlDB has no three-valued logic',
      ['S@1 a: -, x', '@1 a: x'],
    ],
  ],
});

specify({
  of: 'WHERE over a table',
  sources: "CREATE TABLE S (ID STRING PRIMARY KEY, N INT) WITH (KAFKA_TOPIC='S', $);",
  query: 'CREATE TABLE O AS SELECT ID, N FROM S WHERE N > 1;',
  rules: [
    [
      'a row that no longer passes is deleted, once',
      ['S@1 a: 2', '@1 a: 2'],
      ['S@2 a: 1', '@2 a: (none)'],
      ['S@3 a: 0'],
    ],
    [
      'a row that never passed gives no tombstone, also when it is deleted (KAFKA-10077)',
      ['S@1 a: 1'],
      ['S@2 a: (none)'],
    ],
    ['a deleted row that passed is deleted', ['S@1 a: 2', '@1 a: 2'], ['S@2 a: (none)', '@2 a: (none)']],
  ],
});

specify({
  of: 'SELECT',
  sources: stream,
  query: 'CREATE STREAM O AS SELECT ID, 10 / N AS Q, UCASE(V) AS U FROM S;',
  rules: [
    ['computes each column', ['S@1 a: 5, x', '@1 a: 2, X']],
    [
      'a column that fails is logged and NULL; the others are not affected',
      ['S@1 a: 0, x', 'log: Error computing expression (10 / N) for column Q with index 0', '@1 a: -, X'],
    ],
    ['a record without a value is passed on', ['S@1 a: (none)', '@1 a: (none)']],
  ],
});

specify({
  of: 'table functions',
  sources: stream,
  query: "CREATE STREAM O AS SELECT ID, EXPLODE(SPLIT(V, '+')) AS E, EXPLODE(ARRAY['x', 'y']) AS F FROM S;",
  rules: [
    [
      'give a row for each element; the shorter list is padded with NULLs',
      ['S@1 a: 1, p+q+r', '@1 a: p, x', '@1 a: q, y', '@1 a: r, -'],
    ],
    ['a NULL list has no elements', ['S@1 a: 1, -', '@1 a: -, x', '@1 a: -, y']],
    ['a record without a value gives no rows', ['S@1 a: (none)']],
  ],
});

specify({
  of: 'a table function over an empty list',
  sources: stream,
  query: "CREATE STREAM O AS SELECT ID, EXPLODE(REGEXP_EXTRACT_ALL('x', V)) AS E FROM S;",
  rules: [['gives no rows', ['S@1 a: 1, y'], ['S@2 a: 1, x', '@2 a: x']]],
});
