import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { encodeBatch } from '../records/encode-batch.js';
import { batches } from '../records/record-batch.js';
import { LogStore } from './log-store.js';

const root = mkdtempSync(join(tmpdir(), 'log-model-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;

type Step =
  | { readonly kind: 'append'; readonly partition: number; readonly sizes: readonly number[] }
  | { readonly kind: 'atomic'; readonly sizes: readonly number[] }
  | { readonly kind: 'trim'; readonly partition: number; readonly part: number }
  | { readonly kind: 'restart' }
  | { readonly kind: 'crash' }
  | { readonly kind: 'tear'; readonly bytes: number };

const sizes = fc.array(fc.nat(400), { minLength: 1, maxLength: 8 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('append' as const), partition: fc.nat(1), sizes }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('atomic' as const), sizes }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('trim' as const),
      partition: fc.nat(1),
      part: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('tear' as const), bytes: fc.integer({ min: 1, max: 30 }) }),
  },
);

/** What a partition should hold: the records from `start` on. */
interface Expected {
  start: number;
  readonly records: string[];
}

function batch(values: readonly string[]): Buffer {
  return encodeBatch(values.map((value) => ({ key: null, value: Buffer.from(value), timestamp: 1 })));
}

it('a store is what a list of records for each partition would be, through restarts, crashes and torn ends', () => {
  let value = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 60 }), (steps) => {
      let dataDir = join(root, String(folders++));
      let store = LogStore.open({ dataDir });
      store.createTopic('t', { partitions: 2, configs: { 'segment.bytes': '3000' } });
      const expected: Expected[] = [0, 1].map(() => ({ start: 0, records: [] }));
      const values = (list: readonly number[]) => list.map((size) => `${value++} ${'x'.repeat(size)}`);
      const note = (partition: number, list: readonly string[]) => {
        expected[partition]!.records.push(...list);
      };
      /** A copy of the folder as kill -9 would leave it. */
      const crash = (damage?: (dir: string) => void) => {
        const copy = join(root, String(folders++));
        cpSync(dataDir, copy, { recursive: true, filter: (path) => !path.endsWith('lock') });
        store.close();
        rmSync(dataDir, { recursive: true });
        dataDir = copy;
        damage?.(copy);
        store = LogStore.open({ dataDir });
      };
      for (const one of steps) {
        if (one.kind === 'append') {
          const list = values(one.sizes);
          store.partition('t', one.partition)!.append(batch(list));
          note(one.partition, list);
        } else if (one.kind === 'atomic') {
          const lists = [values(one.sizes), values(one.sizes)];
          store.appendAtomically(
            lists.map((list, partition) => ({ topic: 't', partition, batch: batch(list) })),
          );
          lists.forEach((list, partition) => {
            note(partition, list);
          });
        } else if (one.kind === 'trim') {
          const { records, start } = expected[one.partition]!;
          const to = Math.round(records.length * one.part);
          store.partition('t', one.partition)!.deleteRecordsBefore(to);
          expected[one.partition]!.start = Math.max(start, to);
        } else if (one.kind === 'restart') {
          store.close();
          store = LogStore.open({ dataDir });
        } else if (one.kind === 'crash') {
          crash();
        } else {
          // The newest batch of partition 0 is torn; it was a plain append, not one of the journal's.
          const list = values([10, 10]);
          store.partition('t', 0)!.append(batch(list));
          crash((dir) => {
            const partition = join(dir, 'topics', 't-t', '0');
            const newest = readdirSync(partition)
              .filter((name) => name.endsWith('.log'))
              .sort()
              .at(-1)!;
            truncateSync(join(partition, newest), statSync(join(partition, newest)).size - one.bytes);
          });
        }
        for (const partition of [0, 1]) {
          const log = store.partition('t', partition)!;
          const { records, start } = expected[partition]!;
          expect([log.startOffset, log.endOffset]).toEqual([start, records.length]);
        }
      }
      for (const partition of [0, 1]) {
        const log = store.partition('t', partition)!;
        const { records, start } = expected[partition]!;
        const found: string[] = [];
        for (let offset = start; offset < log.endOffset; ) {
          for (const one of batches(log.read(offset, 700))) {
            one.forEachRecord((at, _timestamp, _key, bytes) => {
              if (at >= offset) found.push(String(bytes));
            });
            offset = one.nextOffset;
          }
        }
        expect(found).toEqual(records.slice(start));
      }
      store.close();
      rmSync(dataDir, { recursive: true });
    }),
    { numRuns: 60 },
  );
}, 60_000);
