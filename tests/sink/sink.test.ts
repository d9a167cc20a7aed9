import kafkajs from 'kafkajs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compress } from '../../src/embedded/kafka/records/codecs.js';
import { PaystreamError } from '../../src/errors/paystream-error.js';
import { type RunningSink, type SinkLogger, type SinkOptions, startSink } from '../../src/sink/sink.js';
import { migrateStore } from '../../src/store/migrate-store.js';
import { claimPartition } from '../../src/store/sink-offsets.js';
import { readTopic } from '../support/kafka.js';
import {
  type Aggregate,
  aggregateJson,
  aggregateKey,
  expectedLastFives,
  makeAggregates,
} from './support/aggregates.js';
import { createTopic, kafkaClient, pairs, type TestBroker, type TestStore } from './support/environments.js';
import { CARD, leakingValues as leaks } from './support/leaks.js';
import { type AggregateProducer, aggregateProducer } from './support/producing.js';
import { eventually, lastFives } from './support/store-contents.js';

/** Everything that a sink says. */
function recordingLogger(): SinkLogger & { readonly lines: string[] } {
  const lines: string[] = [];
  const log = (level: string) => (message: string, fields?: unknown) => {
    lines.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`);
  };
  return { lines, debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
}

for (const pair of pairs) {
  describe.skipIf(pair.store.skip || pair.broker.skip)(
    `sink: ${pair.store.name}, ${pair.broker.name}`,
    () => {
      const partitions = 3;
      let opened: TestStore;
      let broker: TestBroker;
      let topic: string;
      let producer: AggregateProducer;
      const sinks: RunningSink[] = [];

      beforeAll(async () => {
        [opened, broker] = await Promise.all([pair.store.open(), pair.broker.start()]);
        await migrateStore(opened.store);
      });
      afterAll(async () => {
        await broker?.stop();
        await opened?.close();
      });
      beforeEach(async () => {
        await opened.store.script('TRUNCATE customer_payment, sink_offset, sink_dead_letter');
        topic = await createTopic(broker.brokers, partitions);
        producer = await aggregateProducer(broker.brokers, topic, partitions);
      });
      afterEach(async () => {
        await producer.close();
        await Promise.all(sinks.splice(0).map((sink) => sink.stop()));
      });

      async function sink(options: Partial<SinkOptions> = {}): Promise<RunningSink> {
        const started = await startSink({
          brokers: [broker.brokers],
          store: opened.store,
          groupId: topic,
          topic,
          sessionTimeoutMs: 6_000,
          ...options,
        });
        sinks.push(started);
        return started;
      }

      const holds = (aggregates: readonly Aggregate[]) =>
        eventually(
          async () => expect(await lastFives(opened.store)).toEqual(expectedLastFives(aggregates)),
          60_000,
        );

      async function offsets(): Promise<readonly (readonly [number, string])[]> {
        const { rows } = await opened.store.query<{ partition: number; next_offset: string }>(
          'SELECT partition, next_offset FROM sink_offset WHERE topic = $1 ORDER BY partition',
          [topic],
        );
        return rows.map((row) => [row.partition, row.next_offset] as const);
      }

      it('stores what the topic holds, goes on where it stood, and tells the group', async () => {
        const all = makeAggregates({ seed: 1, customers: 30, payments: 600 });
        await producer.send(all.slice(0, 400));
        const first = await sink();
        await holds(all.slice(0, 400));
        await first.stop();
        expect(first.status().state).toBe('stopped');

        await producer.send(all.slice(400));
        const second = await sink();
        await holds(all);
        const stored = await offsets();
        expect(stored.reduce((sum, [, next]) => sum + Number(next), 0)).toBe(600);
        expect(second.status().records).toBe(200);

        const admin = kafkaClient(broker.brokers).admin();
        await admin.connect();
        await eventually(async () => {
          const [group] = await admin.fetchOffsets({ groupId: topic, topics: [topic] });
          expect(
            group!.partitions
              .map(({ partition, offset }) => [partition, offset])
              .sort(([a], [b]) => Number(a) - Number(b)),
          ).toEqual(stored);
        });
        await admin.disconnect();
      });

      it('passes a bad record by as a dead letter, keeps its neighbours, and never repeats what it held', async () => {
        const logger = recordingLogger();
        const good = makeAggregates({ seed: 2, customers: 6, payments: 40, versions: 0 });
        const key = aggregateKey(1n, 0n);
        await producer.send(good.slice(0, 20));
        for (const value of leaks) await producer.sendRaw({ key, value });
        await producer.sendRaw({ key: Buffer.from(CARD), value: '{}' });
        await producer.sendRaw({ key: null, value: CARD });
        await producer.sendRaw({ key, value: Buffer.from([0x7b, 0xff, 0xfe]) });
        await producer.send(good.slice(20));

        const running = await sink({ logger, http: { port: 0 } });
        await holds(good);
        await eventually(() => expect(running.status().deadLetters).toBe(leaks.length + 3));

        const { rows } = await opened.store.query<{ source_offset: string; reason: string }>(
          'SELECT source_offset, reason FROM sink_dead_letter WHERE topic = $1 ORDER BY source_offset',
          [topic],
        );
        expect(rows.length).toBe(leaks.length + 3);
        expect(rows.every(({ reason }) => reason.length > 10)).toBe(true);

        const everything: string[] = [
          ...logger.lines,
          await (await fetch(`${running.httpUrl}/metrics`)).text(),
        ];
        everything.push(JSON.stringify(await (await fetch(`${running.httpUrl}/readyz`)).json()));
        for (const table of ['customer_payment', 'sink_offset', 'sink_dead_letter', 'customer_last_five']) {
          const { rows: lines } = await opened.store.query<{ line: string }>(
            `SELECT t::text AS line FROM ${table} t`,
          );
          everything.push(...lines.map(({ line }) => line));
        }
        expect(everything.filter((text) => text.includes(CARD))).toEqual([]);
        expect(everything.some((text) => text.includes('dead letter'))).toBe(true);
      });

      it('stores the other four payments of a record, and reports the bad one once', async () => {
        const day = (n: number) => `2026-11-2${n}T00:00:00.000`;
        const payments = [9, 8, 7, 6, 5].map((n) => ({
          trxId: String(n),
          trxAmount: '1.0000',
          customerId: '300',
          trxDate: day(n),
          paymentType: 'CC',
          accountName: n === 7 ? 'Fa\\u0000rah' : 'Farah',
        }));
        const key = aggregateKey(300n, 0n);
        const value = aggregateJson({ customerId: 300n, payments });
        await producer.sendRaw({ key, value, partition: 0 });
        // The same bad payment comes again with the next payment of the customer.
        const next = { ...payments[0]!, trxId: '10', trxDate: '2026-11-30T00:00:00.000' };
        const again = aggregateJson({ customerId: 300n, payments: [next, ...payments.slice(0, 4)] });
        await producer.sendRaw({ key, value: again, partition: 0 });
        const running = await sink();
        await eventually(() => expect(running.status()).toMatchObject({ records: 2, deadLetters: 1 }));
        const { rows } = await opened.store.query(
          'SELECT trx_id FROM customer_payment ORDER BY trx_date DESC',
        );
        expect(rows.map((row) => row.trx_id)).toEqual(['10', '9', '8', '6', '5']);
        const letters = await opened.store.query('SELECT customer_id, place, reason FROM sink_dead_letter');
        expect(letters.rows).toEqual([
          {
            customer_id: '300',
            place: 3,
            reason: 'a text contains a character that PostgreSQL cannot store',
          },
        ]);
      });

      it('tells of each dead letter on a topic of its own, and waits for that topic', async () => {
        const deadLetterTopic = `${topic}-dead-letters`;
        const good = makeAggregates({ seed: 13, customers: 1, payments: 20, versions: 0 });
        const partition = Number(good[0]!.customerId % BigInt(partitions));
        await producer.send(good.slice(0, 10));
        for (const value of leaks.slice(0, 3)) {
          await producer.sendRaw({ key: aggregateKey(1n, 0n), value, partition });
        }
        await producer.send(good.slice(10));
        const running = await sink({ deadLetterTopic });
        // What cannot be told is not passed by: nothing of the batch is stored before.
        await eventually(() => expect(running.status().problems.join()).toContain('storing partition'));
        expect(running.status().records).toBe(0);

        const admin = kafkaClient(broker.brokers).admin();
        await admin.connect();
        await admin.createTopics({ topics: [{ topic: deadLetterTopic, numPartitions: 1 }] });
        await admin.disconnect();
        await holds(good);
        await eventually(() => expect(running.status()).toMatchObject({ deadLetters: 3, problems: [] }));

        const records = await readTopic(broker.brokers, deadLetterTopic, (all) => all.length >= 3);
        // At least once: a batch whose commit failed after the notice tells it again.
        const notices = new Map(records.map(({ key, value }) => [key!.toString(), value!]));
        expect([...notices.keys()].sort()).toEqual(
          // The third record can be split: only its one payment is a dead letter.
          ['10', '11', '12/1'].map((place) => `${topic}/${partition}/${place}`),
        );
        for (const [key, value] of notices) {
          expect(value).not.toContain(CARD);
          expect(JSON.parse(value)).toEqual({
            group: topic,
            topic,
            partition,
            offset: key.split('/')[2],
            ...(key.endsWith('/12/1') ? { payment: 1 } : {}),
            reason: expect.stringMatching(/.{10}/),
            sqlState: expect.stringMatching(/^[0-9A-Z]{5}$/),
          });
        }
      });

      it.each(['goes on', 'does not end'] as const)(
        'stops while a batch is under way that %s',
        async (how) => {
          const all = makeAggregates({ seed: 14, customers: 9, payments: 120 });
          const running = await sink();
          await producer.send(all.slice(0, 60));
          await holds(all.slice(0, 60));
          const before = await offsets();

          let release!: () => void;
          const released = new Promise<void>((resolve) => {
            release = resolve;
          });
          let locked!: () => void;
          const isLocked = new Promise<void>((resolve) => {
            locked = resolve;
          });
          const holding = opened.store.transaction(async (tx) => {
            await tx.script('LOCK TABLE customer_payment IN EXCLUSIVE MODE');
            locked();
            await released;
          });
          await isLocked;
          await producer.send(all.slice(60));
          await eventually(() => expect(running.status().partitions.some(({ lag }) => lag > 0n)).toBe(true));

          const startedAt = performance.now();
          const stopping = running.stop();
          if (how === 'goes on') release();
          await stopping;
          // The promise is 5 s; the rest is for a machine that does other things too.
          expect(performance.now() - startedAt).toBeLessThan(10_000);
          expect(running.status().state).toBe('stopped');
          const admin = kafkaClient(broker.brokers).admin();
          await admin.connect();
          const { groups } = await admin.describeGroups([topic]);
          await admin.disconnect();
          expect(groups.map(({ members }) => members)).toEqual([[]]);
          release();
          await holding;

          // Either way the store stands where its offsets say: all of a batch or nothing of it.
          const after = await offsets();
          if (how === 'does not end') expect(after).toEqual(before);
          const placed = all.map((aggregate, n) => {
            const partition = Number(aggregate.customerId % BigInt(partitions));
            const offset = all
              .slice(0, n)
              .filter((one) => one.customerId % BigInt(partitions) === BigInt(partition)).length;
            return { aggregate, isStored: offset < Number(new Map(after).get(partition) ?? 0) };
          });
          expect(await lastFives(opened.store)).toEqual(
            expectedLastFives(placed.filter(({ isStored }) => isStored).map(({ aggregate }) => aggregate)),
          );
          const next = await sink();
          await holds(all);
          expect(running.status().records + next.status().records).toBe(all.length);
        },
      );

      it('counts tombstones, and keeps what the store has', async () => {
        const records = makeAggregates({ seed: 3, customers: 1, payments: 10, windows: 1 });
        await producer.send(records);
        const [{ customerId, windowStart }] = [records[0]!];
        const partition = Number(customerId % BigInt(partitions));
        await producer.sendRaw({ key: aggregateKey(customerId, windowStart), value: null, partition });
        const running = await sink();
        await eventually(() => expect(running.status().tombstones).toBe(1));
        await holds(records);
      });

      it('shares the partitions among three sinks that come and go under load', async () => {
        const all = makeAggregates({ seed: 4, customers: 40, payments: 1_200 });
        const sending = (async () => {
          for (let at = 0; at < all.length; at += 20) {
            await producer.send(all.slice(at, at + 20));
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
        })();
        await sink();
        const second = await sink();
        const third = await sink();
        await eventually(() => expect(third.status().records + second.status().records).toBeGreaterThan(0));
        await second.stop();
        await sending;
        await holds(all);
        const stored = await offsets();
        expect(stored.reduce((sum, [, next]) => sum + Number(next), 0)).toBe(all.length);
        const written = sinks.reduce((sum, one) => sum + one.status().records, 0);
        expect(written, 'each record was stored exactly once').toBe(all.length);
      });

      it('survives the end of the broker under load', async () => {
        const all = makeAggregates({ seed: 5, customers: 20, payments: 400 });
        const running = await sink();
        await producer.send(all.slice(0, 200));
        await eventually(() => expect(running.status().records).toBeGreaterThan(0));
        await broker.bounce();
        await producer.send(all.slice(200));
        await holds(all);
        await eventually(() => expect(running.status().problems).toEqual([]));
      });

      it('does not let a consumer write that has lost its claim', async () => {
        const all = makeAggregates({ seed: 6, customers: 12, payments: 200 });
        const logger = recordingLogger();
        const running = await sink({ logger });
        await producer.send(all.slice(0, 100));
        await holds(all.slice(0, 100));
        const before = await offsets();
        for (let partition = 0; partition < partitions; partition++) {
          await claimPartition(opened.store, { group: topic, topic, partition, claim: 'the new owner' });
        }
        await producer.send(all.slice(100));
        await eventually(() => expect(logger.lines.some((line) => line.includes('SINK_FENCED'))).toBe(true));
        // It joins the group anew, is given the partitions by right, and goes on from the row.
        await holds(all);
        expect(before.length).toBe(partitions);
        expect(running.status().records).toBe(all.length);
      });

      it.each(['fail', 'skip'] as const)('meets offsets that the broker has deleted: %s', async (onGap) => {
        const all = makeAggregates({ seed: 8, customers: 9, payments: 90, versions: 0 });
        const first = await sink();
        await producer.send(all.slice(0, 30));
        await holds(all.slice(0, 30));
        await first.stop();
        await producer.send(all.slice(30, 60));
        const admin = kafkaClient(broker.brokers).admin();
        await admin.connect();
        const ends = await admin.fetchTopicOffsets(topic);
        await admin.deleteTopicRecords({
          topic,
          partitions: ends.map(({ partition, offset }) => ({ partition, offset })),
        });
        await admin.disconnect();
        await producer.send(all.slice(60));

        const second = await sink({ onGap });
        if (onGap === 'fail') {
          const error = await second.done.then(
            () => undefined,
            (reason: unknown) => reason,
          );
          expect(error).toBeInstanceOf(PaystreamError);
          expect(error).toMatchObject({
            code: 'SINK_OFFSET_GONE',
            hint: expect.stringContaining('--on-gap skip'),
          });
          expect(await lastFives(opened.store)).toEqual(expectedLastFives(all.slice(0, 30)));
        } else {
          await eventually(async () => {
            const stored = await offsets();
            expect(stored.reduce((sum, [, next]) => sum + Number(next), 0)).toBe(90);
          });
          expect(second.status().records).toBe(30);
        }
      });

      async function recreateTopic(): Promise<void> {
        const admin = kafkaClient(broker.brokers).admin();
        await admin.connect();
        await admin.deleteTopics({ topics: [topic] });
        await eventually(async () => expect(await admin.listTopics()).not.toContain(topic));
        await eventually(() => admin.createTopics({ topics: [{ topic, numPartitions: partitions }] }));
        await admin.disconnect();
      }

      it('never skips the records of a topic that was recreated while it was stopped', async () => {
        const all = makeAggregates({ seed: 21, customers: 9, payments: 60, versions: 0 });
        const first = await sink();
        await producer.send(all.slice(0, 10));
        await holds(all.slice(0, 10));
        await first.stop();
        await recreateTopic();
        // More records than the old topic had: no offset of the store is beyond the end of the new one.
        await producer.send(all.slice(10));

        for (const attempt of [1, 2]) {
          const stopped = await sink();
          await expect(stopped.done, `start ${attempt}`).rejects.toMatchObject({
            code: 'SINK_TOPIC_RECREATED',
            hint: expect.stringContaining('--on-recreated rebuild'),
          });
          expect(stopped.status().state).toBe('failed');
        }
        const rebuilt = await sink({ onRecreated: 'rebuild' });
        await holds(all);
        expect(rebuilt.status().records).toBe(50);
        await rebuilt.stop();
        // From now on the offsets belong to the new topic.
        const after = await sink();
        await eventually(() => expect(after.status()).toMatchObject({ state: 'running', problems: [] }));
        expect(after.status().records).toBe(0);
      });

      it('notices that the topic is recreated while it runs', async () => {
        const all = makeAggregates({ seed: 22, customers: 9, payments: 60, versions: 0 });
        const running = await sink();
        await producer.send(all.slice(0, 10));
        await holds(all.slice(0, 10));
        await recreateTopic();
        await producer.send(all.slice(10));
        await expect(running.done).rejects.toMatchObject({ code: 'SINK_TOPIC_RECREATED' });
        await sink({ onRecreated: 'rebuild' });
        await holds(all);
      });

      it('stores committed transactions only, and goes over their markers', async () => {
        const [committed, aborted] = [
          makeAggregates({ seed: 10, customers: 6, payments: 30 }),
          makeAggregates({ seed: 11, customers: 6, payments: 30 }),
        ];
        const transactional = kafkaClient(broker.brokers).producer({
          transactionalId: topic,
          maxInFlightRequests: 1,
          idempotent: true,
        });
        await transactional.connect();
        const running = await sink();
        for (const [aggregates, end] of [
          [committed.slice(0, 10), 'commit'],
          [aborted, 'abort'],
          [committed.slice(10), 'commit'],
          [aborted, 'abort'],
        ] as const) {
          const transaction = await transactional.transaction();
          await transaction.send({
            topic,
            messages: aggregates.map((aggregate) => ({
              key: aggregateKey(aggregate.customerId, aggregate.windowStart),
              value: aggregateJson(aggregate),
              partition: Number(aggregate.customerId % BigInt(partitions)),
            })),
          });
          await transaction[end]();
        }
        await transactional.disconnect();
        await holds(committed);
        expect(running.status().records).toBe(committed.length);
        // Markers and aborted records at the end are no lag.
        await eventually(() => {
          expect(running.status().partitions.map(({ lag }) => lag)).toEqual([0n, 0n, 0n]);
        });
        await running.stop();
        const more = makeAggregates({ seed: 10, customers: 6, payments: 40 }).slice(30);
        await producer.send(more);
        const again = await sink();
        await eventually(() => expect(again.status().records).toBe(more.length));
      });

      it.each(['snappy', 'lz4', 'zstd', 'gzip'] as const)('reads %s batches', async (type) => {
        const { CompressionCodecs, CompressionTypes } = kafkajs;
        const types = {
          snappy: CompressionTypes.Snappy,
          lz4: CompressionTypes.LZ4,
          zstd: CompressionTypes.ZSTD,
          gzip: CompressionTypes.GZIP,
        };
        const unused = () => Promise.reject(new Error('the sink brings its own'));
        if (type !== 'gzip') {
          (CompressionCodecs as Record<number, unknown>)[types[type]] = () => ({
            compress: async ({ buffer }: { readonly buffer: Buffer }) => compress(type, buffer),
            decompress: unused,
          });
        }
        const records = makeAggregates({ seed: 12, customers: 1, payments: 200 });
        const packing = kafkaClient(broker.brokers).producer();
        await packing.connect();
        await packing.send({
          topic,
          compression: types[type],
          messages: records.map((aggregate) => ({
            key: aggregateKey(aggregate.customerId, aggregate.windowStart),
            value: aggregateJson(aggregate),
            partition: 0,
          })),
        });
        await packing.disconnect();
        await sink();
        await holds(records);
      });

      it('waits for a topic that does not exist yet', async () => {
        const logger = recordingLogger();
        const later = `${topic}-later`;
        await sink({ topic: later, groupId: later, logger });
        await eventually(() =>
          expect(logger.lines.some((line) => line.includes('does not exist yet'))).toBe(true),
        );
        const admin = kafkaClient(broker.brokers).admin();
        await admin.connect();
        await admin.createTopics({ topics: [{ topic: later, numPartitions: 1 }], waitForLeaders: true });
        await admin.disconnect();
        const records = makeAggregates({ seed: 9, customers: 3, payments: 12 });
        const other = await aggregateProducer(broker.brokers, later, 1);
        await other.send(records);
        await other.close();
        await holds(records);
      });
    },
  );
}
