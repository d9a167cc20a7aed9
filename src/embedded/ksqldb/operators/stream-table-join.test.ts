import { specify } from './topology.test-util.js';

/**
 * Each record of the stream looks up the table's row of its key, as it is when the record arrives. Changes of the
 * table produce nothing.
 */
const sources = `
  CREATE STREAM S (ID STRING KEY, V STRING) WITH (KAFKA_TOPIC='S', $);
  CREATE TABLE T (ID STRING PRIMARY KEY, W STRING) WITH (KAFKA_TOPIC='T', $);`;
const select = (join: string): string =>
  `CREATE STREAM J AS SELECT S.ID, V, W FROM S ${join} JOIN T ON S.ID = T.ID;`;

specify({
  of: 'INNER JOIN of a stream with a table',
  sources,
  query: select(''),
  rules: [
    [
      'a record joins the row of its key; the result keeps the time of the record',
      ['T@9 a: r'],
      ['S@5 a: x', '@5 a: x, r'],
    ],
    ['a record without a row is dropped, and is not joined later', ['S@5 a: x'], ['T@9 a: r']],
    [
      'the latest row counts, by order of arrival and not by time',
      ['T@9 a: r'],
      ['T@1 a: s'],
      ['S@5 a: x', '@5 a: x, s'],
    ],
    ['a deleted row no longer joins', ['T@1 a: r'], ['T@2 a: (none)'], ['S@5 a: x']],
    ['a record without a key or without a value is dropped', ['T@1 a: r'], ['S@5 -: x'], ['S@5 a: (none)']],
    ['a row without a key is ignored', ['T@1 -: r'], ['S@5 a: x']],
  ],
});

specify({
  of: 'LEFT JOIN of a stream with a table',
  sources,
  query: select('LEFT'),
  rules: [
    ['a record without a row is padded with NULLs', ['S@5 a: x', '@5 a: x, -']],
    [
      'a row that was deleted is padded with NULLs',
      ['T@1 a: r'],
      ['T@2 a: (none)'],
      ['S@5 a: x', '@5 a: x, -'],
    ],
    ['a record without a key is kept and padded (KIP-962)', ['T@1 a: r'], ['S@5 -: x', '@5 -: x, -']],
    ['a record without a value is dropped', ['T@1 a: r'], ['S@5 a: (none)']],
  ],
});

specify({
  of: 'a join of a stream with a table over several partitions',
  sources,
  query: select(''),
  partitions: 2,
  rules: [
    ['only rows of the same partition join', ['T/0@1 a: r'], ['S/1@5 a: x'], ['S/0@5 a: x', '/0@5 a: x, r']],
  ],
});
