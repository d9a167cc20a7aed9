import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AggregateRecord, MERGE_TRANSACTION, mergeRecords } from '../../src/store/merge.js';
import { migrateStore } from '../../src/store/migrate-store.js';
import { type Aggregate, expectedLastFives, makeAggregates } from './support/aggregates.js';
import { pglite, postgres, type TestStore } from './support/environments.js';
import { expectPlanByKeys } from './support/merge-plan.js';
import { expectOneStoreForAnyDelivery, toRecord } from './support/merge-property.js';
import { lastFives } from './support/store-contents.js';

const firstSeed = Number(process.env.PAYSTREAM_TEST_SEED ?? 1);
const seeds = Number(process.env.PAYSTREAM_TEST_RUNS ?? 60);

for (const kind of [pglite, postgres]) {
  describe.skipIf(kind.skip)(`merge on ${kind.name}`, () => {
    let opened: TestStore;

    beforeAll(async () => {
      opened = await kind.open();
      await migrateStore(opened.store);
    });
    afterAll(() => opened?.close());
    beforeEach(() => opened.store.script('TRUNCATE customer_payment'));

    const merge = (records: readonly AggregateRecord[]) =>
      opened.store.transaction((tx) => mergeRecords(tx, records), MERGE_TRANSACTION);

    it('gives the same store for any order, repetition and splitting of the records', async () => {
      await expectOneStoreForAnyDelivery(opened.store, firstSeed, seeds);
    }, 120_000);

    it('keeps ids beyond 2^53 and amounts exact to the last digit', async () => {
      const aggregate: Aggregate = {
        customerId: 9_223_372_036_854_775_807n,
        windowStart: 0n,
        offset: 0n,
        payments: [
          {
            trxId: '-9223372036854775808',
            trxAmount: '999999999999999.9999',
            customerId: '9223372036854775807',
            trxDate: '2026-11-20T00:00:00.001',
            paymentType: 'CC',
            accountName: 'Ayu',
          },
        ],
      };
      await merge([toRecord(aggregate)]);
      expect(await lastFives(opened.store)).toEqual(expectedLastFives([aggregate]));
    });

    it('writes nothing when nothing differs', async () => {
      const records = makeAggregates({ seed: 7, customers: 3, payments: 60 }).map(toRecord);
      await merge(records);
      const { rows: before } = await opened.store.query(
        'SELECT xmin::text, ctid::text, * FROM customer_payment',
      );
      expect(await merge(records)).toMatchObject({ inserted: 0, updated: 0, pruned: 0 });
      const { rows: after } = await opened.store.query(
        'SELECT xmin::text, ctid::text, * FROM customer_payment',
      );
      expect(after).toEqual(before);
    });

    it('refuses a trxDate of any other form, also one that PostgreSQL would read, and says so', async () => {
      const dated = (trxDate: string) =>
        toRecord({
          customerId: 1n,
          windowStart: 0n,
          offset: 0n,
          payments: [
            { trxId: '5', trxAmount: '1.0000', customerId: '1', trxDate, paymentType: 'CC', accountName: '' },
          ],
        });
      for (const trxDate of [
        '2026-11-20T23:59:59.999',
        '2028-02-29T00:00:00.000',
        '0001-01-01T00:00:00.000',
      ]) {
        expect(await merge([dated(trxDate)]), trxDate).toMatchObject({ inserted: 1 });
        await opened.store.script('TRUNCATE customer_payment');
      }
      const form = 'trxDate is not of the form yyyy-MM-ddTHH:mm:ss.SSS';
      const read = 'an aggregate record cannot be read';
      for (const [trxDate, reason] of [
        ['2026-11-20T24:00:00.000', form],
        ['2026-11-20T23:59:60.000', form],
        ['2026-11-20 00:00:00.000', form],
        ['2026-11-20T00:00:00', form],
        ['2026-11-20T00:00:00.000Z', form],
        ['2026-11-20T00:00:00.0000', form],
        ['+026-11-20T00:00:00.000', form],
        ['infinity', form],
        ['', form],
        ['2026-02-30T00:00:00.000', read],
        ['2026-11-20T25:00:00.000', read],
        ['2026-11-20T00:60:00.000', read],
        ['0000-01-01T00:00:00.000', read],
      ] as const) {
        await expect(merge([dated(trxDate)]), trxDate).rejects.toThrow(reason);
      }
    });

    it('prefers the later date, then the later offset, of two versions of a payment', async () => {
      const version = (offset: bigint, trxDate: string, trxAmount: string): AggregateRecord =>
        toRecord({
          customerId: 1n,
          windowStart: offset,
          offset,
          payments: [
            { trxId: '5', trxAmount, customerId: '1', trxDate, paymentType: 'CC', accountName: 'Ayu' },
          ],
        });
      const amount = async () =>
        (await opened.store.query<{ trx_amount: string }>('SELECT trx_amount FROM customer_payment')).rows;
      await merge([version(5n, '2026-11-20T00:00:00.000', '9.0000')]);
      await merge([version(6n, '2026-11-20T00:00:00.000', '1.0000')]);
      expect(await amount()).toEqual([{ trx_amount: '1.0000' }]);
      await merge([version(5n, '2026-11-20T00:00:00.000', '9.0000')]);
      expect(await amount()).toEqual([{ trx_amount: '1.0000' }]);
      await merge([version(7n, '2026-11-19T00:00:00.000', '7.0000')]);
      expect(await amount()).toEqual([{ trx_amount: '1.0000' }]);
      await merge([version(4n, '2026-11-21T00:00:00.000', '4.0000')]);
      expect(await amount()).toEqual([{ trx_amount: '4.0000' }]);
    });

    it('lets a payment that came again in a later window win over versions from before that', async () => {
      const version = (offset: bigint, windowStart: bigint, trxAmount: string): AggregateRecord =>
        toRecord({
          customerId: 1n,
          windowStart,
          offset,
          payments: [
            {
              trxId: '5',
              trxAmount,
              customerId: '1',
              trxDate: '2026-11-20T00:00:00.000',
              paymentType: 'CC',
              accountName: 'Ayu',
            },
          ],
        });
      const first = version(5n, 0n, '1.0000');
      const other = version(10n, 0n, '9.0000');
      const again = version(20n, 1_000n, '1.0000');
      for (const order of [
        [first, other, again],
        [first, again, other],
        [other, first, again],
        [again, first, other],
      ]) {
        await opened.store.script('TRUNCATE customer_payment');
        for (const record of order) await merge([record]);
        const { rows } = await opened.store.query('SELECT trx_amount, source_offset FROM customer_payment');
        expect(rows).toEqual([{ trx_amount: '1.0000', source_offset: '20' }]);
      }
    });

    it('uses the same plan for a batch of one and of a thousand, and never scans the table', async () => {
      await expectPlanByKeys(opened.store);
    });
  });
}
