import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Broker } from '../../src/embedded/kafka/broker.js';
import { startSink } from '../../src/sink/sink.js';
import { migrateStore } from '../../src/store/migrate-store.js';
import { expectedLastFives, makeAggregates } from './support/aggregates.js';
import { createTopic, pglite, type TestStore } from './support/environments.js';
import { aggregateProducer } from './support/producing.js';
import { type StallingProxy, startStallingProxy } from './support/stalling-proxy.js';
import { eventually, lastFives } from './support/store-contents.js';

describe('a consumer that is alive and idle beside a growing lag', () => {
  let opened: TestStore;
  let broker: Broker;
  let proxy: StallingProxy;

  beforeAll(async () => {
    proxy = await startStallingProxy();
    broker = await Broker.start({ dataDir: null, advertisedPort: proxy.port });
    // The broker says the proxy's address; where it listens itself only the proxy needs to know.
    proxy.forwardTo(broker.port);
    opened = await pglite.open();
    await migrateStore(opened.store);
  });
  afterAll(async () => {
    await broker?.stop();
    await proxy?.close();
    await opened?.close();
  });

  it('is not ready, is made anew, and goes on', async () => {
    const brokers = `127.0.0.1:${proxy.port}`;
    const topic = await createTopic(brokers, 2);
    const producer = await aggregateProducer(brokers, topic, 2);
    const all = makeAggregates({ seed: 1, customers: 8, payments: 120 });
    const warnings: string[] = [];
    const sink = await startSink({
      brokers: [brokers],
      store: opened.store,
      topic,
      groupId: topic,
      sessionTimeoutMs: 6_000,
      notReadyAfterMs: 500,
      stalledAfterMs: 3_000,
      logger: {
        debug() {},
        info() {},
        warn: (message, fields) => void warnings.push(`${message} ${JSON.stringify(fields)}`),
        error() {},
      },
    });
    try {
      await producer.send(all.slice(0, 60));
      await eventually(() => expect(sink.status().records).toBe(60));

      proxy.stalled = true;
      await producer.send(all.slice(60));
      await eventually(() =>
        expect(sink.status()).toMatchObject({
          state: 'running',
          restarts: 0,
          problems: expect.arrayContaining([expect.stringContaining('nothing was written')]),
        }),
      );
      await eventually(() => expect(sink.status().restarts).toBeGreaterThan(0));
      expect(warnings[0]).toContain('have lag and no progress');

      proxy.stalled = false;
      await eventually(async () => expect(await lastFives(opened.store)).toEqual(expectedLastFives(all)));
      await eventually(() =>
        expect(sink.status()).toMatchObject({ state: 'running', problems: [], records: 120 }),
      );
    } finally {
      await sink.stop();
      await producer.close();
    }
  });
});
