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

    const version = (
      trxDate: string,
      arrivedAt: number,
      trxAmount: string,
      windowStart = 0n,
    ): AggregateRecord =>
      toRecord({
        customerId: 1n,
        windowStart,
        offset: 0n,
        payments: [
          {
            trxId: '5',
            trxAmount,
            customerId: '1',
            trxDate,
            paymentType: 'CC',
            accountName: 'Ayu',
            arrivedAt,
          },
        ],
      });
    const amounts = async () =>
      (await opened.store.query<{ trx_amount: string }>('SELECT trx_amount FROM customer_payment')).rows.map(
        (row) => row.trx_amount,
      );

    it('prefers the later date, then the later arrival, then the greater content, of two versions', async () => {
      const day = '2026-11-20T00:00:00.000';
      for (const [record, stored] of [
        [version(day, 5, '9.0000'), '9.0000'],
        [version(day, 6, '1.0000'), '1.0000'],
        [version(day, 5, '9.0000'), '1.0000'],
        [version(day, 6, '2.0000'), '2.0000'],
        [version(day, 6, '1.0000'), '2.0000'],
        [version('2026-11-19T00:00:00.000', 7, '7.0000'), '2.0000'],
        [version('2026-11-21T00:00:00.000', 4, '4.0000'), '4.0000'],
      ] as const) {
        await merge([record]);
        expect(await amounts()).toEqual([stored]);
      }
    });

    it('lets a payment that came again later win over the versions before it, in any order and window', async () => {
      const day = '2026-11-20T00:00:00.000';
      const first = version(day, 5, '1.0000');
      const other = version(day, 10, '9.0000', 2_000n);
      const again = version(day, 20, '1.0000', 1_000n);
      for (const order of [
        [first, other, again],
        [first, again, other],
        [other, first, again],
        [again, first, other],
      ]) {
        await opened.store.script('TRUNCATE customer_payment');
        for (const record of order) await merge([record]);
        const { rows } = await opened.store.query('SELECT trx_amount, arrived_at FROM customer_payment');
        expect(rows).toEqual([{ trx_amount: '1.0000', arrived_at: '20' }]);
      }
    });

    it('takes the start of the window as the arrival if the record names none', async () => {
      const bare = (windowStart: bigint, trxAmount: string): AggregateRecord => {
        const record = version('2026-11-20T00:00:00.000', 0, trxAmount, windowStart);
        return { ...record, value: record.value.replace(',"arrivedAt":0', '') };
      };
      await merge([bare(2_000n, '2.0000')]);
      await merge([bare(1_000n, '9.0000')]);
      expect(await amounts()).toEqual(['2.0000']);
      await merge([bare(3_000n, '3.0000')]);
      expect(await amounts()).toEqual(['3.0000']);
    });

    it('refuses an amount that is not a number, and an id beyond 64 bits', async () => {
      const day = '2026-11-20T00:00:00.000';
      const nan = version(day, 1, '"NaN"');
      await expect(merge([nan])).rejects.toThrow('trxAmount is not a number');
      const wide = version(day, 1, '1.0000');
      await expect(
        merge([{ ...wide, value: wide.value.replace('"trxId":5', '"trxId":9223372036854775808') }]),
      ).rejects.toThrow('an aggregate record cannot be read');
    });

    it('uses the same plan for a batch of one and of a thousand, and never scans the table', async () => {
      await expectPlanByKeys(opened.store);
    });
  });
}
