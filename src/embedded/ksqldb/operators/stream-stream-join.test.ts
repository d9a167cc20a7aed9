import { specify } from './topology.test-util.js';

/**
 * A record joins the records of the other side with the same key whose times are at most WITHIN apart. With a GRACE
 * PERIOD, the unmatched records of a kept side are emitted once their window has closed (KIP-633, KAFKA-10847);
 * without one, they are emitted at once.
 */
const sources = `
  CREATE STREAM L (ID STRING KEY, V STRING) WITH (KAFKA_TOPIC='L', $);
  CREATE STREAM R (ID STRING KEY, W STRING) WITH (KAFKA_TOPIC='R', $);`;
const select = (join: string, within: string): string =>
  `CREATE STREAM J AS SELECT L.ID, V, W FROM L ${join} JOIN R WITHIN ${within} ON L.ID = R.ID;`;
const outer = (within: string): string =>
  `CREATE STREAM J AS SELECT ROWKEY, V, W FROM L FULL OUTER JOIN R WITHIN ${within} ON L.ID = R.ID;`;

specify({
  of: 'INNER JOIN of two streams',
  sources,
  query: select('', '10 MILLISECONDS'),
  rules: [
    [
      'records of both sides meet, whichever comes first; the result has the later time',
      ['L@5 a: x'],
      ['R@8 a: y', '@8 a: x, y'],
      ['L@6 a: z', '@8 a: z, y'],
    ],
    [
      'the distance in time is inclusive on both sides',
      ['L@100 a: x'],
      ['R@90 a: y', '@100 a: x, y'],
      ['R@89 a: y'],
      ['R@110 a: y', '@110 a: x, y'],
      ['R@111 a: y'],
    ],
    [
      'a record meets all partners, in order of time',
      ['L@3 a: x'],
      ['L@1 a: y'],
      ['R@5 a: r', '@5 a: y, r', '@5 a: x, r'],
    ],
    [
      'two records of the same key and time both join',
      ['L@1 a: x'],
      ['L@1 a: y'],
      ['R@1 a: r', '@1 a: x, r', '@1 a: y, r'],
    ],
    ['other keys do not join', ['L@1 a: x'], ['R@1 b: y']],
    [
      'records without a key or a value are dropped',
      ['L@1 -: x'],
      ['L@1 a: (none)'],
      ['R@1 -: y'],
      ['R@1 a: y'],
    ],
  ],
});

specify({
  of: 'a join with different distances before and after',
  sources,
  query: select('', '(2 MILLISECONDS, 5 MILLISECONDS)'),
  rules: [
    [
      'the right record may be 2 ms earlier or 5 ms later than the left one',
      ['L@100 a: x'],
      ['R@97 a: y'],
      ['R@98 a: y', '@100 a: x, y'],
      ['R@105 a: y', '@105 a: x, y'],
      ['R@106 a: y'],
    ],
    [
      'the same holds when the right record comes first',
      ['R@100 a: y'],
      ['L@94 a: x'],
      ['L@95 a: x', '@100 a: x, y'],
      ['L@102 a: x', '@102 a: x, y'],
      ['L@103 a: x'],
    ],
  ],
});

specify({
  of: 'LEFT JOIN of two streams without GRACE PERIOD',
  sources,
  query: select('LEFT', '10 MILLISECONDS'),
  rules: [
    [
      'a left record without a partner is emitted at once, and again when a partner arrives',
      ['L@1 a: x', '@1 a: x, -'],
      ['R@2 a: y', '@2 a: x, y'],
    ],
    ['a right record without a partner is not emitted', ['R@2 a: y']],
    ['a left record without a key is emitted with NULLs (KIP-962)', ['L@1 -: x', '@1 -: x, -'], ['R@1 -: y']],
    ['a left record without a value is dropped', ['L@1 a: (none)']],
  ],
});

specify({
  of: 'LEFT JOIN of two streams with GRACE PERIOD',
  sources,
  query: select('LEFT', '10 MILLISECONDS GRACE PERIOD 5 MILLISECONDS'),
  rules: [
    [
      'an unmatched left record is emitted when stream time is past its window and the grace period',
      ['L@0 a: x'],
      ['R@15 b: y'],
      ['R@16 b: y', '@0 a: x, -'],
    ],
    ['a record of either side and of any key moves stream time', ['L@0 a: x'], ['L@16 b: y', '@0 a: x, -']],
    [
      'a record that found a partner is not emitted again',
      ['L@0 a: x'],
      ['R@10 a: y', '@10 a: x, y'],
      ['R@99 b: y'],
    ],
    [
      'a partner within the grace period still joins',
      ['L@0 a: x'],
      ['R@15 b: y'],
      ['R@10 a: y', '@10 a: x, y'],
      ['R@99 b: y'],
    ],
    [
      'a late left record whose window is in the past is emitted at once if it has no partner',
      ['R@20 b: y'],
      ['L@9 a: x', '@9 a: x, -'],
    ],
    [
      'a late left record whose window still reaches stream time waits for a partner',
      ['R@20 b: y'],
      ['L@10 a: x'],
      ['R@20 a: z', '@20 a: x, z'],
    ],
    ['a left record without a key is emitted at once (KIP-962)', ['L@1 -: x', '@1 -: x, -']],
    [
      'unmatched records are emitted in order of time, then of key',
      ['L@3 b: x'],
      ['L@3 a: y'],
      ['L@1 c: z'],
      ['R@99 d: y', '@1 c: z, -', '@3 a: y, -', '@3 b: x, -'],
    ],
    [
      'two unmatched records of the same key and time are both emitted',
      ['L@3 a: x'],
      ['L@3 a: y'],
      ['R@99 d: y', '@3 a: x, -', '@3 a: y, -'],
    ],
  ],
});

specify({
  of: 'RIGHT JOIN of two streams with GRACE PERIOD',
  sources,
  query: `CREATE STREAM J AS SELECT R.ID, V, W FROM L RIGHT JOIN R WITHIN 10 MILLISECONDS
    GRACE PERIOD 5 MILLISECONDS ON L.ID = R.ID;`,
  rules: [
    [
      'an unmatched right record is emitted when its window has closed',
      ['R@0 a: y'],
      ['R@16 b: z', '@0 a: -, y'],
    ],
    ['an unmatched left record is not', ['L@0 a: x'], ['R@16 b: z']],
  ],
});

specify({
  of: 'FULL OUTER JOIN of two streams with GRACE PERIOD',
  sources,
  query: outer('10 MILLISECONDS GRACE PERIOD 5 MILLISECONDS'),
  rules: [
    [
      'unmatched records of both sides are emitted when their window has closed, right ones first',
      ['L@0 a: x'],
      ['R@0 b: y'],
      ['L@16 c: z', '@0 b: -, y', '@0 a: x, -'],
    ],
    [
      'two unmatched records of the same key, side and time are both emitted',
      ['R@0 a: x'],
      ['R@0 a: y'],
      ['L@16 c: z', '@0 a: -, x', '@0 a: -, y'],
    ],
    [
      'a partner settles all records of its key and time',
      ['R@0 a: x'],
      ['R@0 a: y'],
      ['L@1 a: z', '@1 a: z, x', '@1 a: z, y'],
      ['L@99 c: z'],
    ],
  ],
});
