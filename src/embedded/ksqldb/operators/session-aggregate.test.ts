import { specify } from './topology.test-util.js';

/**
 * Session windows. A record joins all sessions of its key that are at most the gap away. A session's end is the time
 * of its last record (printed as `[start, end)` here, though it is inclusive), and the time of its result. Sessions that
 * are absorbed by a larger one are deleted first. A session is closed when stream time is past its end, the gap and
 * the grace period (KIP-94, KIP-633).
 */
const sources = "CREATE STREAM S (ID STRING KEY, N INT) WITH (KAFKA_TOPIC='S', $);";
const select = (grace: number, emit = 'CHANGES'): string =>
  `CREATE TABLE T AS SELECT ID, COUNT(*) AS C FROM S WINDOW SESSION (10 MILLISECONDS, GRACE PERIOD ${grace} MILLISECONDS)
   GROUP BY ID EMIT ${emit};`;

specify({
  of: 'a session window',
  sources,
  query: select(100),
  rules: [
    ['a first record starts a session of length 0', ['S@5 a: 1', '@5 a[5, 5): 1']],
    [
      'a record at the same time updates it in place',
      ['S@5 a: 1', '@5 a[5, 5): 1'],
      ['S@5 a: 1', '@5 a[5, 5): 2'],
    ],
    [
      'a record within the gap extends the session; the shorter one is deleted first',
      ['S@5 a: 1', '@5 a[5, 5): 1'],
      ['S@15 a: 1', '@5 a[5, 5): (none)', '@15 a[5, 15): 2'],
    ],
    [
      'a record past the gap starts a new session',
      ['S@5 a: 1', '@5 a[5, 5): 1'],
      ['S@16 a: 1', '@16 a[16, 16): 1'],
    ],
    [
      'an earlier record extends the session to the left',
      ['S@15 a: 1', '@15 a[15, 15): 1'],
      ['S@8 a: 1', '@15 a[15, 15): (none)', '@15 a[8, 15): 2'],
    ],
    [
      'a record between two sessions merges them',
      ['S@5 a: 1', '@5 a[5, 5): 1'],
      ['S@20 a: 1', '@20 a[20, 20): 1'],
      ['S@12 a: 1', '@5 a[5, 5): (none)', '@20 a[20, 20): (none)', '@20 a[5, 20): 3'],
    ],
    [
      'a record within a session counts without changing its bounds, and deletes it first all the same',
      ['S@5 a: 1', '@5 a[5, 5): 1'],
      ['S@15 a: 1', '@5 a[5, 5): (none)', '@15 a[5, 15): 2'],
      ['S@9 a: 1', '@15 a[5, 15): (none)', '@15 a[5, 15): 3'],
    ],
    ['other keys have their own sessions', ['S@5 a: 1', '@5 a[5, 5): 1'], ['S@6 b: 1', '@6 b[6, 6): 1']],
    ['records without a key or a value are left out', ['S@5 -: 1'], ['S@5 a: (none)']],
  ],
});

specify({
  of: 'late records of a session window',
  sources,
  query: select(5),
  rules: [
    [
      'a late record counts until the gap and the grace period have passed',
      ['S@25 b: 1', '@25 b[25, 25): 1'],
      ['S@10 a: 1', '@10 a[10, 10): 1'],
    ],
    [
      'an older record counts if it joins a session that is still open',
      ['S@25 b: 1', '@25 b[25, 25): 1'],
      ['S@11 a: 1', '@11 a[11, 11): 1'],
      ['S@9 a: 1', '@11 a[11, 11): (none)', '@11 a[9, 11): 2'],
    ],
    ['a late record that no open session takes is dropped', ['S@25 b: 1', '@25 b[25, 25): 1'], ['S@9 a: 1']],
  ],
});

specify({
  of: 'a session window with EMIT FINAL',
  sources,
  query: select(5, 'FINAL'),
  rules: [
    [
      'a session is emitted once, when it has closed',
      ['S@5 a: 1'],
      ['S@15 a: 1'],
      ['S@30 b: 1'],
      ['S@31 b: 1', '@15 a[5, 15): 2'],
      ['S@32 b: 1'],
    ],
    [
      'no tombstones are emitted for merged sessions',
      ['S@5 a: 1'],
      ['S@15 a: 1'],
      ['S@9 a: 1'],
      ['S@31 b: 1', '@15 a[5, 15): 3'],
    ],
  ],
});
