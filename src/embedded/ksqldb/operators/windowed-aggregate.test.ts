import { specify } from './topology.test-util.js';

/**
 * Tumbling and hopping windows. A window [start, end) closes when stream time, the largest time seen in the
 * partition, reaches its end plus the grace period (KIP-633). EMIT FINAL emits a window once, when it closes
 * (KIP-328, KIP-825).
 */
const sources = "CREATE STREAM S (ID STRING KEY, N INT) WITH (KAFKA_TOPIC='S', $);";
const select = (window: string, emit = 'CHANGES'): string =>
  `CREATE TABLE T AS SELECT ID, COUNT(*) AS C FROM S WINDOW ${window} GROUP BY ID EMIT ${emit};`;

specify({
  of: 'a tumbling window',
  sources,
  query: select('TUMBLING (SIZE 10 MILLISECONDS, GRACE PERIOD 5 MILLISECONDS)'),
  rules: [
    [
      'counts per key and window; the start is inclusive and the end is not',
      ['S@0 a: 1', '@0 a[0, 10): 1'],
      ['S@9 a: 1', '@9 a[0, 10): 2'],
      ['S@10 a: 1', '@10 a[10, 20): 1'],
      ['S@11 b: 1', '@11 b[10, 20): 1'],
    ],
    [
      'the time of a result is the latest time of its records',
      ['S@8 a: 1', '@8 a[0, 10): 1'],
      ['S@3 a: 1', '@8 a[0, 10): 2'],
    ],
    [
      'a late record within the grace period still counts',
      ['S@14 b: 1', '@14 b[10, 20): 1'],
      ['S@9 a: 1', '@9 a[0, 10): 1'],
    ],
    ['a record whose window has closed is dropped', ['S@15 b: 1', '@15 b[10, 20): 1'], ['S@9 a: 1']],
    [
      'any key of the partition moves stream time, and late records do not turn it back',
      ['S@100 b: 1', '@100 b[100, 110): 1'],
      ['S@1 a: 1'],
      ['S@2 a: 1'],
      ['S@95 a: 1', '@95 a[90, 100): 1'],
    ],
    ['records without a key or a value are left out', ['S@1 -: 1'], ['S@1 a: (none)']],
    [
      'a record without a key or a value does not move stream time',
      ['S@100 -: 1'],
      ['S@100 a: (none)'],
      ['S@1 a: 1', '@1 a[0, 10): 1'],
    ],
  ],
});

specify({
  of: 'a tumbling window over several partitions',
  sources,
  query: select('TUMBLING (SIZE 10 MILLISECONDS, GRACE PERIOD 0 MILLISECONDS)'),
  partitions: 2,
  rules: [
    [
      'each partition has its own stream time',
      ['S/0@100 a: 1', '/0@100 a[100, 110): 1'],
      ['S/1@1 b: 1', '/1@1 b[0, 10): 1'],
      ['S/0@1 c: 1'],
    ],
  ],
});

specify({
  of: 'a window without GRACE PERIOD',
  sources,
  query: select('TUMBLING (SIZE 10 MILLISECONDS)'),
  rules: [
    [
      'takes late records for 24 hours after its start',
      ['S@86399999 b: 1', '@86399999 b[86399990, 86400000): 1'],
      ['S@1 a: 1', '@1 a[0, 10): 1'],
      ['S@86400000 b: 1', '@86400000 b[86400000, 86400010): 1'],
      ['S@2 a: 1'],
    ],
  ],
});

specify({
  of: 'a hopping window',
  sources,
  query: select('HOPPING (SIZE 10 MILLISECONDS, ADVANCE BY 5 MILLISECONDS, GRACE PERIOD 0 MILLISECONDS)'),
  rules: [
    [
      'a record counts in every window that covers it, oldest first',
      ['S@12 a: 1', '@12 a[5, 15): 1', '@12 a[10, 20): 1'],
    ],
    ['no window starts before 0', ['S@3 a: 1', '@3 a[0, 10): 1']],
    [
      'a late record counts only in the windows that are still open',
      ['S@12 a: 1', '@12 a[5, 15): 1', '@12 a[10, 20): 1'],
      ['S@6 a: 1', '@12 a[5, 15): 2'],
    ],
  ],
});

specify({
  of: 'a window with EMIT FINAL',
  sources,
  query: select('TUMBLING (SIZE 10 MILLISECONDS, GRACE PERIOD 5 MILLISECONDS)', 'FINAL'),
  rules: [
    [
      'a window is emitted once, when stream time reaches its end plus the grace period',
      ['S@1 a: 1'],
      ['S@14 b: 1'],
      ['S@9 a: 1'],
      ['S@15 b: 1', '@9 a[0, 10): 2'],
      ['S@16 b: 1'],
    ],
    [
      'a late record whose window was emitted is dropped',
      ['S@1 a: 1'],
      ['S@15 b: 1', '@1 a[0, 10): 1'],
      ['S@2 a: 1'],
    ],
  ],
});

specify({
  of: 'a window with EMIT FINAL and no GRACE PERIOD',
  sources,
  query: select('TUMBLING (SIZE 10 MILLISECONDS)', 'FINAL'),
  rules: [['closes at its end', ['S@1 a: 1'], ['S@9 a: 1'], ['S@10 b: 1', '@9 a[0, 10): 2'], ['S@8 a: 1']]],
});

specify({
  of: 'a window with the record cache',
  sources,
  query: select('TUMBLING (SIZE 10 MILLISECONDS)'),
  isCaching: true,
  rules: [
    [
      'updates of one window between two flushes become one',
      ['S@1 a: 1'],
      ['S@12 a: 1'],
      ['S@3 a: 1'],
      ['flush', '@3 a[0, 10): 2', '@12 a[10, 20): 1'],
      ['flush'],
    ],
  ],
});

specify({
  of: 'window bounds in the projection',
  sources,
  query:
    'CREATE TABLE T AS SELECT ID, WINDOWSTART AS WS, WINDOWEND AS WE, COUNT(*) AS C FROM S WINDOW TUMBLING (SIZE 10 MILLISECONDS) GROUP BY ID;',
  rules: [['are the milliseconds of the window', ['S@12 a: 1', '@12 a[10, 20): 10, 20, 1']]],
});

specify({
  of: 'a window with EMIT FINAL and a longer RETENTION',
  sources,
  query: select('TUMBLING (SIZE 10 MILLISECONDS, RETENTION 1 HOUR, GRACE PERIOD 5 MILLISECONDS)', 'FINAL'),
  rules: [
    [
      'windows that close together are emitted by start',
      ['S@11 a: 1'],
      ['S@1 b: 1'],
      ['S@90 c: 1', '@1 b[0, 10): 1', '@11 a[10, 20): 1'],
    ],
  ],
});
