import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { encodeBatch } from '../records/encode-batch.js';
import { batches } from '../records/record-batch.js';
import { LogStore } from './log-store.js';
import type { PartitionLog } from './partition-log.js';

const folders: string[] = [];
function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'log-store-'));
  folders.push(dir);
  return dir;
}
afterEach(() => {
  for (const dir of folders.splice(0)) rmSync(dir, { recursive: true, force: true });
});

function batchOf(values: readonly string[], timestamp = 1000): Buffer {
  return encodeBatch(
    values.map((value, i) => ({ key: null, value: Buffer.from(value), timestamp: timestamp + i })),
  );
}

function readAll(log: PartitionLog, maxBytes = 100_000): string[] {
  const values: string[] = [];
  let offset = log.startOffset;
  while (offset < log.endOffset) {
    const data = log.read(offset, maxBytes);
    if (data.length === 0) break;
    for (const batch of batches(data)) {
      batch.forEachRecord((at, _timestamp, _key, value) => {
        if (at >= offset) values.push(`${at}:${value}`);
      });
      offset = batch.nextOffset;
    }
  }
  return values;
}

for (const kind of ['memory', 'files'] as const) {
  describe(`a log store in ${kind}`, () => {
    const open = () => LogStore.open({ dataDir: kind === 'memory' ? null : folder() });

    it('gives batches their offsets and serves whole batches from any offset', () => {
      const store = open();
      const log = store.createTopic('t', { partitions: 1 }).partitions[0]!;
      expect(log.append(batchOf(['a', 'b', 'c']))).toBe(0);
      expect(log.append(batchOf(['d']))).toBe(3);
      expect(readAll(log)).toEqual(['0:a', '1:b', '2:c', '3:d']);
      const [batch] = [...batches(log.read(1, 1))];
      expect(batch!.baseOffset).toBe(0);
      expect([...batches(log.read(0, 1))]).toHaveLength(1);
      expect(log.read(4, 1000)).toHaveLength(0);
      expect(() => log.read(5, 1000)).toThrow('not within');
      store.close();
    });

    it('finds every record again across many segments, windows and restarts of reading', () => {
      const store = open();
      const topic = store.createTopic('t', { partitions: 1, configs: { 'segment.bytes': '20000' } });
      const log = topic.partitions[0]!;
      const expected: string[] = [];
      for (let i = 0; i < 2000; i++) {
        expected.push(`${i}:${'v'.repeat(i % 300)}${i}`);
        log.append(batchOf([`${'v'.repeat(i % 300)}${i}`], i * 10));
      }
      expect(log.segments.length).toBeGreaterThan(10);
      for (const maxBytes of [1, 500, 5000, 1_000_000]) expect(readAll(log, maxBytes)).toEqual(expected);
      for (const i of [0, 1, 777, 1999]) {
        expect([...batches(log.read(i, 1))][0]!.baseOffset).toBe(i);
        expect(log.offsetForTimestamp(i * 10 - 5)).toEqual({ offset: i, timestamp: i * 10 });
      }
      expect(log.offsetForTimestamp(20_000)).toBeNull();
      log.deleteRecordsBefore(777);
      expect(log.startOffset).toBe(777);
      expect(readAll(log)).toEqual(expected.slice(777));
      store.close();
    });

    it('gives up what is past retention, by age and by size, and keeps the end', async () => {
      let now = 1_000_000;
      const store = LogStore.open({ dataDir: kind === 'memory' ? null : folder(), now: () => now });
      const configs = { 'segment.bytes': '1000', 'retention.ms': '5000', 'retention.bytes': '3000' };
      const log = store.createTopic('t', { partitions: 1, configs }).partitions[0]!;
      for (let i = 0; i < 100; i++) log.append(batchOf([`some value ${i}`], now));
      await store.maintain();
      expect(log.size).toBeGreaterThan(2000);
      expect(log.size).toBeLessThan(5000);
      expect(log.startOffset).toBeGreaterThan(0);
      expect(readAll(log)[0]).toBe(`${log.startOffset}:some value ${log.startOffset}`);
      now += 6000;
      await store.maintain();
      expect([log.startOffset, log.endOffset, log.size]).toEqual([100, 100, 0]);
      expect(log.append(batchOf(['next'], now))).toBe(100);
      expect(readAll(log)).toEqual(['100:next']);
      store.close();
    });

    it('tells of topics that come, change and go, and wakes the readers of those that went', () => {
      const store = open();
      const changes: string[] = [];
      const stop = store.onTopicChange((topic, change) => changes.push(`${topic} ${change}`));
      const log = store.createTopic('t', { partitions: 1 }).partitions[0]!;
      let woken = 0;
      log.subscribe(() => woken++);
      store.addPartitions('t', 2);
      store.configureTopic('t', { 'retention.ms': '1' });
      store.deleteTopic('t');
      stop();
      store.createTopic('u', { partitions: 1 });
      expect(changes).toEqual(['t created', 't changed', 't changed', 't deleted']);
      expect(woken).toBe(1);
      expect(() => log.append(batchOf(['x']))).toThrow('was deleted');
      store.close();
    });

    it('appends to several partitions as one and tells listeners afterwards', () => {
      const store = open();
      store.createTopic('a', { partitions: 1 });
      store.createTopic('b', { partitions: 2 });
      const a = store.partition('a', 0)!;
      const b = store.partition('b', 1)!;
      const seen: number[] = [];
      a.subscribe(() => seen.push(a.endOffset, b.endOffset));
      const bases = store.appendAtomically([
        { topic: 'a', partition: 0, batch: batchOf(['1', '2']) },
        { topic: 'b', partition: 1, batch: batchOf(['3']) },
        { topic: 'a', partition: 0, batch: batchOf(['4']) },
      ]);
      expect(bases).toEqual([0, 0, 2]);
      expect(seen).toEqual([3, 1]);
      expect(readAll(a)).toEqual(['0:1', '1:2', '2:4']);
      expect(() =>
        store.appendAtomically([
          { topic: 'a', partition: 0, batch: batchOf(['5']) },
          { topic: 'b', partition: 7, batch: batchOf(['6']) },
        ]),
      ).toThrow('no partition b-7');
      expect(a.endOffset).toBe(3);
      store.close();
    });
  });
}

describe('a data folder', () => {
  it('is the same after a clean restart, and after one without close', () => {
    const dir = folder();
    let store = LogStore.open({ dataDir: dir });
    const log = store.createTopic('t', { partitions: 2, configs: { 'segment.bytes': '1000' } })
      .partitions[1]!;
    for (let i = 0; i < 50; i++) log.append(batchOf([`value ${i}`]));
    log.deleteRecordsBefore(7);
    const before = readAll(log);
    const copy = folder();
    cpSync(dir, copy, { recursive: true, filter: (path) => !path.endsWith('lock') });
    store.close();
    for (const at of [dir, copy]) {
      store = LogStore.open({ dataDir: at });
      const again = store.partition('t', 1)!;
      expect(again.startOffset).toBe(7);
      expect(again.endOffset).toBe(50);
      expect(readAll(again)).toEqual(before);
      expect(store.topic('t')!.configs.segmentBytes).toBe(1000);
      expect(again.append(batchOf(['next']))).toBe(50);
      store.close();
    }
  });

  it('loses only the torn batch when the last write was cut short', () => {
    const dir = folder();
    let store = LogStore.open({ dataDir: dir });
    const log = store.createTopic('t', { partitions: 1 }).partitions[0]!;
    log.append(batchOf(['whole']));
    log.append(batchOf(['torn']));
    store.close();
    const partitionDir = join(dir, 'topics', 't-t', '0');
    const file = join(partitionDir, readdirSync(partitionDir).find((name) => name.endsWith('.log'))!);
    truncateSync(file, statSync(file).size - 3);
    store = LogStore.open({ dataDir: dir });
    expect(readAll(store.partition('t', 0)!)).toEqual(['0:whole']);
    expect(store.partition('t', 0)!.append(batchOf(['new']))).toBe(1);
    store.close();
  });

  it('finishes an atomic append that a crash cut between two partitions', () => {
    const dir = folder();
    let store = LogStore.open({ dataDir: dir });
    for (const name of ['a', 'b']) store.createTopic(name, { partitions: 1 });
    store.appendAtomically([
      { topic: 'a', partition: 0, batch: batchOf(['a0']) },
      { topic: 'b', partition: 0, batch: batchOf(['b0', 'b1']) },
    ]);
    const copy = folder();
    cpSync(dir, copy, { recursive: true, filter: (path) => !path.endsWith('lock') });
    store.close();
    const partitionDir = join(copy, 'topics', 't-b', '0');
    for (const name of readdirSync(partitionDir)) truncateSync(join(partitionDir, name), 10);
    store = LogStore.open({ dataDir: copy });
    expect(readAll(store.partition('a', 0)!)).toEqual(['0:a0']);
    expect(readAll(store.partition('b', 0)!)).toEqual(['0:b0', '1:b1']);
    store.close();
  });

  it('is used by one store at a time', () => {
    const dir = folder();
    const store = LogStore.open({ dataDir: dir });
    expect(() => LogStore.open({ dataDir: dir })).toThrow('is used by');
    store.close();
    LogStore.open({ dataDir: dir }).close();
  });
});
