import { specify } from './topology.test-util.js';

/** Reading topics: bytes become rows; times come from the record or from a column. */
const stream = "CREATE STREAM S (ID STRING KEY, N INT, V STRING) WITH (KAFKA_TOPIC='S', $);";

specify({
  of: 'a stream source',
  sources: stream,
  query: 'CREATE STREAM O AS SELECT ID, N, V, ROWTIME AS RT, ROWPARTITION AS RP, ROWOFFSET AS RO FROM S;',
  rules: [
    [
      'reads key, columns and pseudo columns',
      ['S@1 a: 5, x', '@1 a: 5, x, 1, 0, 0'],
      ['S@2 b: 6, y', '@2 b: 6, y, 2, 0, 1'],
    ],
    ['an empty column is NULL', ['S@1 a: -, x', '@1 a: -, x, 1, 0, 0']],
    ['a record without a key is read', ['S@1 -: 5, x', '@1 -: 5, x, 1, 0, 0']],
    ['a record without a value is passed on', ['S@1 a: (none)', '@1 a: (none)']],
    ['a record with a negative time is dropped', ['S@-1 a: 5, x']],
  ],
});

specify({
  of: 'a stream source with a TIMESTAMP column',
  sources: "CREATE STREAM S (ID STRING KEY, T BIGINT, V STRING) WITH (KAFKA_TOPIC='S', TIMESTAMP='T', $);",
  query: 'CREATE STREAM O AS SELECT ID, V FROM S;',
  rules: [
    ['takes the time of a record from the column', ['S@1 a: 500, x', '@500 a: x']],
    [
      'a NULL column is logged, and the record is dropped',
      ['S@1 a: -, x', 'log: Failed to extract timestamp from row'],
    ],
    ['a negative time is dropped', ['S@1 a: -5, x']],
    ['a record without a value keeps its own time', ['S@1 a: (none)', '@1 a: (none)']],
  ],
});

specify({
  of: 'a stream source with a TIMESTAMP_FORMAT',
  sources:
    "CREATE STREAM S (ID STRING KEY, T STRING) WITH (KAFKA_TOPIC='S', TIMESTAMP='T', TIMESTAMP_FORMAT='yyyy-MM-dd', $);",
  query: 'CREATE STREAM O AS SELECT ID, T FROM S;',
  rules: [
    ['parses the column in UTC', ['S@1 a: 1970-01-02', '@86400000 a: 1970-01-02']],
    [
      'a text of another format is logged, and the record is dropped',
      ['S@1 a: noon', 'log: Failed to extract timestamp from row'],
    ],
  ],
});

specify({
  of: 'a table source',
  sources: "CREATE TABLE S (ID STRING PRIMARY KEY, N INT) WITH (KAFKA_TOPIC='S', $);",
  query: 'CREATE TABLE O AS SELECT ID, N FROM S;',
  rules: [
    [
      'passes on every change, also one that changes nothing',
      ['S@1 a: 5', '@1 a: 5'],
      ['S@2 a: 5', '@2 a: 5'],
    ],
    ['passes on every tombstone, also of a row that does not exist', ['S@1 a: (none)', '@1 a: (none)']],
    [
      'a record with an earlier time replaces the row all the same',
      ['S@9 a: 5', '@9 a: 5'],
      ['S@1 a: 6', '@1 a: 6'],
    ],
    ['skips records without a key', ['S@1 -: 5']],
  ],
});
