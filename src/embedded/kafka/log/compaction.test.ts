import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { encodeBatch } from '../records/encode-batch.js';
import { batches } from '../records/record-batch.js';
import { LogStore } from './log-store.js';
import type { PartitionLog } from './partition-log.js';

const root = mkdtempSync(join(tmpdir(), 'compaction-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Seen {
  readonly offset: number;
  readonly key: string;
  readonly value: string | null;
  readonly timestamp: number;
}

function readAll(log: PartitionLog): Seen[] {
  const seen: Seen[] = [];
  let offset = log.startOffset;
  while (offset < log.endOffset) {
    const data = log.read(offset, 10_000);
    if (data.length === 0) break;
    for (const batch of batches(data)) {
      expect(batch.isIntact()).toBe(true);
      batch.forEachRecord((at, timestamp, key, value) => {
        seen.push({ offset: at, key: String(key), value: value === null ? null : String(value), timestamp });
      });
      offset = batch.nextOffset;
    }
  }
  return seen;
}

function append(
  log: PartitionLog,
  pairs: readonly (readonly [string, string | null])[],
  timestamp: number,
): void {
  const records = pairs.map(([key, value], i) => ({
    key: Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    timestamp: timestamp + i,
  }));
  log.append(encodeBatch(records, { compression: records.length > 3 ? 'gzip' : 'none' }));
}

const configs = {
  'cleanup.policy': 'compact',
  'segment.bytes': '600',
  'min.cleanable.dirty.ratio': '0.01',
  'delete.retention.ms': '1000',
};

describe('compaction', () => {
  it('keeps the newest record of each key at its offset, whatever was written, also after a restart', async () => {
    const write = fc.array(
      fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.option(fc.string({ maxLength: 30 }))),
      {
        minLength: 1,
        maxLength: 6,
      },
    );
    let round = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(write, { minLength: 20, maxLength: 60 }),
        fc.boolean(),
        async (writes, inFiles) => {
          const dataDir = inFiles ? join(root, String(round++)) : null;
          let now = 1_000_000;
          let store = LogStore.open({ dataDir, now: () => now });
          let log = store.createTopic('t', { partitions: 1, configs }).partitions[0]!;
          for (const pairs of writes) append(log, pairs, now++);
          const before = readAll(log);
          await store.maintain();
          if (dataDir !== null) {
            store.close();
            store = LogStore.open({ dataDir, now: () => now });
            log = store.partition('t', 0)!;
          }
          const after = readAll(log);
          expect(log.endOffset).toBe(before.length);
          for (const record of after) expect(record).toEqual(before[record.offset]);
          const newest = new Map(before.map((record) => [record.key, record]));
          expect(new Map(after.map((record) => [record.key, record]))).toEqual(newest);
          const closedEnd = log.segments.at(-1)!.baseOffset;
          const inClosed = after.filter(({ offset }) => offset < closedEnd).map(({ key }) => key);
          expect(new Set(inClosed).size).toBe(inClosed.length);
          store.close();
        },
      ),
      { numRuns: 30 },
    );
  });

  it('drops tombstones once delete.retention.ms has passed since they were first seen', async () => {
    let now = 1_000_000;
    const store = LogStore.open({ dataDir: null, now: () => now });
    const log = store.createTopic('t', { partitions: 1, configs }).partitions[0]!;
    append(
      log,
      [
        ['gone', 'x'],
        ['gone', null],
      ],
      now,
    );
    const fill = () => append(log, [['fill', 'y'.repeat(700)]], now);
    fill();
    fill();
    await store.maintain();
    const tombstone = () => readAll(log).filter(({ key }) => key === 'gone');
    expect(tombstone()).toEqual([{ offset: 1, key: 'gone', value: null, timestamp: 1_000_001 }]);
    now += 1001;
    fill();
    await store.maintain();
    expect(tombstone()).toEqual([]);
    store.close();
  });

  it('that a crash cut short is undone before its swap and finished after it', async () => {
    const dataDir = join(root, 'swap');
    let store = LogStore.open({ dataDir });
    const log = store.createTopic('t', { partitions: 1, configs }).partitions[0]!;
    for (let i = 0; i < 100; i++) append(log, [[`k${i % 3}`, `value ${i}`]], i);
    const before = readAll(log);
    const [first, second, third] = log.segments.map(({ baseOffset }) => String(baseOffset).padStart(20, '0'));
    store.close();
    const dir = join(dataDir, 'topics', 't-t', '0');
    const kept = before.filter(({ offset }) => offset === Number(second) + 1);
    const swap = encodeBatch(
      kept.map(({ key, value, timestamp }) => ({
        key: Buffer.from(key),
        value: Buffer.from(value!),
        timestamp,
      })),
      { baseOffset: kept[0]!.offset },
    );
    writeFileSync(join(dir, `${third}.cleaned`), 'unfinished');
    writeFileSync(join(dir, `${first}-${third}.swap`), swap);
    rmSync(join(dir, `${first}.log`));
    store = LogStore.open({ dataDir });
    const after = readAll(store.partition('t', 0)!);
    expect(after).toEqual([...kept, ...before.filter(({ offset }) => offset >= Number(third))]);
    store.close();
  });

  it('leaves no files behind and serves readers that began before', async () => {
    const dataDir = join(root, 'files');
    const store = LogStore.open({ dataDir });
    const log = store.createTopic('t', { partitions: 1, configs }).partitions[0]!;
    for (let i = 0; i < 200; i++) append(log, [[`k${i % 3}`, `value ${i}`]], i);
    const view = log.read(0, 500);
    const copy = Buffer.from(view);
    await store.maintain();
    expect(view.equals(copy)).toBe(true);
    const names = readdirSync(join(dataDir, 'topics', 't-t', '0'));
    expect(names.filter((name) => name.endsWith('.cleaned') || name.endsWith('.swap'))).toEqual([]);
    expect(names.filter((name) => name.endsWith('.log')).length).toBe(log.segments.length);
    expect(log.segments.length).toBeLessThan(5);
    store.close();
  });
});
