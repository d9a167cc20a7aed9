import { specify } from './topology.test-util.js';

/** PARTITION BY gives a stream another key; each record moves to the partition of its new key. */
const sources = "CREATE STREAM S (ID STRING KEY, G STRING, N INT) WITH (KAFKA_TOPIC='S', $);";

specify({
  of: 'PARTITION BY a column',
  sources,
  query: 'CREATE STREAM P AS SELECT G, ID, N FROM S PARTITION BY G;',
  rules: [
    ['the column becomes the key, the old key becomes a column', ['S@1 a: x, 5', '@1 x: a, 5']],
    ['a NULL column gives a record without a key', ['S@1 a: -, 5', '@1 -: a, 5']],
    ['a record without a key can get one', ['S@1 -: x, 5', '@1 x: -, 5']],
    ['a record without a value has no column to take the key from', ['S@1 a: (none)', '@1 -: (none)']],
  ],
});

specify({
  of: 'PARTITION BY an expression',
  sources,
  query: 'CREATE STREAM P AS SELECT 10 / N AS K, ID FROM S PARTITION BY 10 / N;',
  rules: [
    ['its value becomes the key', ['S@1 a: x, 5', '@1 2: a']],
    [
      'a failure is logged and gives a record without a key',
      ['S@1 a: x, 0', 'log: Error computing new key from expression (10 / N)', '@1 -: a'],
    ],
  ],
});

specify({
  of: 'PARTITION BY an expression over the key',
  sources,
  query: 'CREATE STREAM P AS SELECT UCASE(ID) AS K, N FROM S PARTITION BY UCASE(ID);',
  rules: [['works for records without a value', ['S@1 a: (none)', '@1 A: (none)']]],
});

specify({
  of: 'PARTITION BY NULL',
  sources,
  query: 'CREATE STREAM P AS SELECT ID, N FROM S PARTITION BY NULL;',
  rules: [['drops the key; the records keep their values', ['S@1 a: x, 5', '@1 -: a, 5']]],
});

specify({
  of: 'PARTITION BY over several partitions',
  sources,
  query: 'CREATE STREAM P AS SELECT G, ID FROM S PARTITION BY G;',
  partitions: 3,
  rules: [
    [
      'equal keys meet in one partition, wherever they come from',
      ['S/0@1 a: x, 5', '/1@1 x: a'],
      ['S/2@1 b: x, 5', '/1@1 x: b'],
    ],
    ['a record without a new key stays where it is', ['S/2@1 a: -, 5', '/2@1 -: a']],
  ],
});

specify({
  of: 'a table whose key gets another format for a join',
  sources: `
    CREATE TABLE L (ID STRING PRIMARY KEY, V STRING) WITH (KAFKA_TOPIC='L', $);
    CREATE TABLE R (ID STRING PRIMARY KEY, W STRING) WITH (KAFKA_TOPIC='R', KEY_FORMAT='JSON', $);`,
  query: 'CREATE TABLE J AS SELECT L.ID, V, W FROM L JOIN R ON L.ID = R.ID;',
  partitions: 3,
  rules: [
    [
      'equal keys meet although their bytes differ',
      ['L@1 a: x'],
      ['R@2 a: y', '/1@2 a: x, y'],
      ['L@3 a: z', '/1@3 a: z, y'],
      ['R@4 a: (none)', '/1@4 a: (none)'],
    ],
  ],
});
