/**
 * Appends to three partitions at once, again and again, and says so after each: a process to be killed.
 * `atomic-append-child.test-util.ts <data folder>`
 */
import { writeSync } from 'node:fs';
import { encodeBatch } from '../records/encode-batch.js';
import { LogStore } from './log-store.js';

const store = LogStore.open({ dataDir: process.argv[2]! });
for (const name of ['a', 'b']) {
  if (store.topic(name) === undefined) {
    store.createTopic(name, { partitions: 2, configs: { 'segment.bytes': '200000' } });
  }
}
let next = store.partition('a', 0)!.endOffset;
for (;;) {
  const records = Array.from({ length: 1 + (next % 7) }, (_, i) => ({
    key: null,
    value: Buffer.alloc((next * 37) % 20_000, String(next + i)),
    timestamp: next + i,
  }));
  store.appendAtomically(
    [
      ['a', 0],
      ['a', 1],
      ['b', 0],
    ].map(([topic, partition]) => ({
      topic: topic as string,
      partition: partition as number,
      batch: encodeBatch(records),
    })),
  );
  next += records.length;
  // Write straight to the pipe. A stream would buffer in this process, which is about to be killed.
  writeSync(1, `${next}\n`);
}
