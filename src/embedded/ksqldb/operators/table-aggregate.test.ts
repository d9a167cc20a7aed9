import { specify } from './topology.test-util.js';

/** GROUP BY without a window: over a stream each record is added; over a table the old row is undone first. */
specify({
  of: 'GROUP BY over a stream',
  sources: "CREATE STREAM S (ID STRING KEY, G STRING, N INT) WITH (KAFKA_TOPIC='S', $);",
  query: 'CREATE TABLE T AS SELECT G, COUNT(*) AS C, SUM(N) AS S FROM S GROUP BY G;',
  rules: [
    [
      'each record updates the row of its group',
      ['S@1 a: x, 5', '@1 x: 1, 5'],
      ['S@2 a: x, 7', '@2 x: 2, 12'],
      ['S@3 a: y, 1', '@3 y: 1, 1'],
    ],
    [
      'the time of a row is the latest time of its records',
      ['S@9 a: x, 5', '@9 x: 1, 5'],
      ['S@2 a: x, 7', '@9 x: 2, 12'],
    ],
    [
      'SUM skips a NULL column, COUNT(*) does not',
      ['S@1 a: x, 5', '@1 x: 1, 5'],
      ['S@2 a: x, -', '@2 x: 2, 5'],
    ],
    [
      'a record whose group is NULL is logged and left out',
      [
        'S@1 a: -, 5',
        'log: Group-by column with index 0 resolved to null. The source row will be excluded from the table.',
      ],
    ],
    ['a record without a value is left out', ['S@1 a: (none)']],
    ['a record without a key counts: the group comes from the value', ['S@1 -: x, 5', '@1 x: 1, 5']],
  ],
});

specify({
  of: 'GROUP BY the key of a stream',
  sources: "CREATE STREAM S (ID STRING KEY, N INT) WITH (KAFKA_TOPIC='S', $);",
  query: 'CREATE TABLE T AS SELECT ID, COUNT(*) AS C FROM S GROUP BY ID;',
  rules: [
    [
      'a record without a key or a value is left out without a log entry',
      ['S@1 -: 5'],
      ['S@1 a: (none)'],
      ['S@2 a: 5', '@2 a: 1'],
    ],
  ],
});

specify({
  of: 'GROUP BY several columns',
  sources: "CREATE STREAM S (ID STRING KEY, G STRING, H STRING) WITH (KAFKA_TOPIC='S', $);",
  query: "CREATE TABLE T WITH (KEY_FORMAT='JSON') AS SELECT G, H, COUNT(*) AS C FROM S GROUP BY G, H;",
  rules: [
    [
      'the key has all columns',
      ['S@1 a: x, p', '@1 x+p: 1'],
      ['S@2 a: x, q', '@2 x+q: 1'],
      ['S@3 b: x, p', '@3 x+p: 2'],
    ],
    [
      'a record with a NULL in any of them is left out',
      [
        'S@1 a: x, -',
        'log: Group-by column with index 1 resolved to null. The source row will be excluded from the table.',
      ],
    ],
  ],
});

specify({
  of: 'an aggregation without GROUP BY',
  sources: "CREATE STREAM S (ID STRING KEY, N INT) WITH (KAFKA_TOPIC='S', $);",
  query: 'CREATE TABLE T AS SELECT 1 AS K, MAX(N) AS M FROM S GROUP BY 1;',
  rules: [
    ['all records are one group', ['S@1 a: 5', '@1 1: 5'], ['S@2 b: 9', '@2 1: 9'], ['S@3 -: 3', '@3 1: 9']],
  ],
});

const tableSource = "CREATE TABLE S (ID STRING PRIMARY KEY, G STRING, N INT) WITH (KAFKA_TOPIC='S', $);";

specify({
  of: 'GROUP BY over a table',
  sources: tableSource,
  query: 'CREATE TABLE T AS SELECT G, COUNT(*) AS C, SUM(N) AS S FROM S GROUP BY G;',
  rules: [
    ['a new row is added to its group', ['S@1 a: x, 5', '@1 x: 1, 5'], ['S@2 b: x, 7', '@2 x: 2, 12']],
    [
      'a changed row is undone and added in one update',
      ['S@1 a: x, 5', '@1 x: 1, 5'],
      ['S@2 a: x, 7', '@2 x: 1, 7'],
    ],
    [
      'a row that moves leaves its old group before it joins the new one',
      ['S@1 a: x, 5', '@1 x: 1, 5'],
      ['S@2 a: y, 7', '@2 x: 0, 0', '@2 y: 1, 7'],
    ],
    [
      'a deleted row leaves its group; the empty group stays',
      ['S@1 a: x, 5', '@1 x: 1, 5'],
      ['S@2 a: (none)', '@2 x: 0, 0'],
    ],
    ['deleting a row that does not exist does nothing', ['S@2 a: (none)']],
    [
      'a row whose new group is NULL only leaves its old one',
      ['S@1 a: x, 5', '@1 x: 1, 5'],
      [
        'S@2 a: -, 7',
        'log: Group-by column with index 0 resolved to null. The source row will be excluded from the table.',
        '@2 x: 0, 0',
      ],
    ],
    [
      'the time of a row is the latest time of its changes',
      ['S@9 a: x, 5', '@9 x: 1, 5'],
      ['S@2 a: x, 7', '@9 x: 1, 7'],
    ],
  ],
});

specify({
  of: 'GROUP BY over a table, several partitions',
  sources: tableSource,
  query: 'CREATE TABLE T AS SELECT G, COUNT(*) AS C FROM S GROUP BY G;',
  partitions: 3,
  rules: [
    [
      'rows of one group meet in the partition of the group',
      ['S/0@1 a: x, 1', '/1@1 x: 1'],
      ['S/1@2 b: x, 1', '/1@2 x: 2'],
      ['S/2@3 c: x, 1', '/1@3 x: 3'],
    ],
  ],
});

specify({
  of: 'HAVING',
  sources: "CREATE STREAM S (ID STRING KEY, N INT) WITH (KAFKA_TOPIC='S', $);",
  query: 'CREATE TABLE T AS SELECT ID, SUM(N) AS S FROM S GROUP BY ID HAVING SUM(N) > 10;',
  rules: [
    ['a row appears once it passes', ['S@1 a: 8'], ['S@2 a: 4', '@2 a: 12']],
    [
      'a row that no longer passes is deleted once',
      ['S@1 a: 12', '@1 a: 12'],
      ['S@2 a: -4', '@2 a: (none)'],
      ['S@3 a: -1'],
    ],
  ],
});

specify({
  of: 'GROUP BY with the record cache',
  sources: "CREATE STREAM S (ID STRING KEY, N INT) WITH (KAFKA_TOPIC='S', $);",
  query: 'CREATE TABLE T AS SELECT ID, SUM(N) AS S FROM S GROUP BY ID;',
  isCaching: true,
  rules: [
    [
      'updates of a row between two flushes become one, in the order in which the rows changed first',
      ['S@1 b: 1'],
      ['S@2 a: 2'],
      ['S@3 b: 3'],
      ['flush', '@3 b: 4', '@2 a: 2'],
      ['flush'],
      ['S@4 a: 1'],
      ['flush', '@4 a: 3'],
    ],
  ],
});
