import { expect } from 'vitest';
import { seededRandom } from '../../../src/pipeline/sample-payments.js';
import { type AggregateRecord, MERGE_TRANSACTION, mergeRecords } from '../../../src/store/merge.js';
import type { Store } from '../../../src/store/store.js';
import { type Aggregate, aggregateJson, expectedLastFives, makeAggregates } from './aggregates.js';
import { lastFives, paymentRows } from './store-contents.js';

export const toRecord = (aggregate: Aggregate): AggregateRecord => ({
  customerId: aggregate.customerId,
  windowStart: aggregate.windowStart,
  timestamp: 1_795_000_000_000n + aggregate.offset,
  value: aggregateJson(aggregate),
});

/** Merges aggregates of each seed in order, and shuffled and repeated, in batches of any size: one store comes out. */
export async function expectOneStoreForAnyDelivery(
  store: Store,
  firstSeed: number,
  seeds: number,
): Promise<void> {
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const random = seededRandom(seed);
    // Every other seed: few payments in many versions, the same one in several windows, in small batches. Then the
    // result depends on which version of a payment the store remembers.
    const dense = seed % 2 === 0;
    const aggregates = makeAggregates(
      dense
        ? {
            seed,
            customers: 1,
            payments: 3 + Math.floor(random() * 6),
            windows: 3,
            few: true,
          }
        : {
            seed,
            customers: 1 + Math.floor(random() * 4),
            payments: 10 + Math.floor(random() * 60),
            windows: 1 + Math.floor(random() * 3),
            versions: random() * 0.8,
            dates: 2 + Math.floor(random() * 20),
          },
    );
    const expected = expectedLastFives(aggregates);

    const inOrder = aggregates.map(toRecord);
    const shuffled = [...inOrder, ...inOrder.filter(() => random() < 0.3)]
      .map((record) => ({ record, at: random() }))
      .sort((a, b) => a.at - b.at)
      .map(({ record }) => record);
    for (const [how, records] of Object.entries({ inOrder, shuffled })) {
      await store.script('TRUNCATE customer_payment');
      for (let at = 0; at < records.length; ) {
        const size = 1 + Math.floor(random() * (dense ? 2 : 40));
        const batch = records.slice(at, at + size);
        await store.transaction((tx) => mergeRecords(tx, batch), MERGE_TRANSACTION);
        at += size;
      }
      expect(await lastFives(store), `seed ${seed}, ${how}`).toEqual(expected);
      expect((await paymentRows(store)).length, `seed ${seed}, ${how}: no row beyond the five`).toBe(
        [...expected.values()].flat().length,
      );
    }
  }
}
