import { specify } from './topology.test-util.js';

/** A change of either table is joined with the current row of the other. The result is a table. */
const sources = `
  CREATE TABLE L (ID STRING PRIMARY KEY, V STRING) WITH (KAFKA_TOPIC='L', $);
  CREATE TABLE R (ID STRING PRIMARY KEY, W STRING) WITH (KAFKA_TOPIC='R', $);`;
const select = (join: string, key: string): string =>
  `CREATE TABLE J AS SELECT ${key}, V, W FROM L ${join} JOIN R ON L.ID = R.ID;`;

specify({
  of: 'INNER JOIN of two tables',
  sources,
  query: select('', 'L.ID'),
  rules: [
    ['a row without a partner gives nothing', ['L@1 a: x'], ['R@1 b: y']],
    [
      'rows of both sides meet; the result has the later of both times',
      ['L@5 a: x'],
      ['R@2 a: y', '@5 a: x, y'],
      ['R@9 a: z', '@9 a: x, z'],
    ],
    [
      'deleting either row deletes the result',
      ['L@1 a: x'],
      ['R@2 a: y', '@2 a: x, y'],
      ['L@3 a: (none)', '@3 a: (none)'],
    ],
    [
      'deleting the right row deletes the result',
      ['L@1 a: x'],
      ['R@2 a: y', '@2 a: x, y'],
      ['R@3 a: (none)', '@3 a: (none)'],
    ],
    ['deleting a row without a partner gives nothing', ['L@1 a: x'], ['L@2 a: (none)'], ['R@3 a: (none)']],
    ['records without a key are ignored', ['L@1 -: x'], ['R@2 -: y']],
  ],
});

specify({
  of: 'LEFT JOIN of two tables',
  sources,
  query: select('LEFT', 'L.ID'),
  rules: [
    [
      'a left row without a partner is padded with NULLs, until a partner arrives',
      ['L@1 a: x', '@1 a: x, -'],
      ['R@2 a: y', '@2 a: x, y'],
    ],
    ['a right row without a partner gives nothing', ['R@1 a: y'], ['R@2 a: (none)']],
    [
      'deleting the right row restores the NULLs',
      ['R@1 a: y'],
      ['L@2 a: x', '@2 a: x, y'],
      ['R@3 a: (none)', '@3 a: x, -'],
    ],
    [
      'deleting the left row deletes the result, with or without a partner',
      ['L@1 a: x', '@1 a: x, -'],
      ['L@2 a: (none)', '@2 a: (none)'],
    ],
    ['deleting a left row that does not exist gives nothing', ['L@2 a: (none)']],
  ],
});

specify({
  of: 'RIGHT JOIN of two tables',
  sources,
  query: select('RIGHT', 'R.ID'),
  rules: [
    [
      'a right row without a partner is padded with NULLs',
      ['R@1 a: y', '@1 a: -, y'],
      ['L@2 a: x', '@2 a: x, y'],
    ],
    ['a left row without a partner gives nothing', ['L@1 a: x']],
    [
      'deleting the left row restores the NULLs',
      ['L@1 a: x'],
      ['R@2 a: y', '@2 a: x, y'],
      ['L@3 a: (none)', '@3 a: -, y'],
    ],
  ],
});

specify({
  of: 'FULL OUTER JOIN of two tables',
  sources,
  query: select('FULL OUTER', 'ROWKEY'),
  rules: [
    ['a row of either side is padded with NULLs', ['L@1 a: x', '@1 a: x, -'], ['R@1 b: y', '@1 b: -, y']],
    [
      'the result is deleted with the last of both rows',
      ['L@1 a: x', '@1 a: x, -'],
      ['R@2 a: y', '@2 a: x, y'],
      ['L@3 a: (none)', '@3 a: -, y'],
      ['R@4 a: (none)', '@4 a: (none)'],
    ],
    ['deleting a row that does not exist gives nothing', ['L@1 a: (none)'], ['R@1 a: (none)']],
  ],
});

specify({
  of: 'a join of three tables',
  sources: `${sources} CREATE TABLE M (ID STRING PRIMARY KEY, X STRING) WITH (KAFKA_TOPIC='M', $);`,
  query: 'CREATE TABLE J AS SELECT L.ID, V, W, X FROM L JOIN R ON L.ID = R.ID LEFT JOIN M ON L.ID = M.ID;',
  rules: [
    [
      'a change of any table is joined with the current rows of the others',
      ['M@1 a: m'],
      ['L@2 a: x'],
      ['R@3 a: y', '@3 a: x, y, m'],
      ['M@4 a: (none)', '@4 a: x, y, -'],
      ['L@5 a: z', '@5 a: z, y, -'],
      ['R@6 a: (none)', '@6 a: (none)'],
    ],
  ],
});
