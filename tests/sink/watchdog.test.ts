import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Broker } from '../../src/embedded/kafka/broker.js';
import { startSink } from '../../src/sink/sink.js';
import { migrateStore } from '../../src/store/migrate-store.js';
import { expectedLastFives, makeAggregates } from './support/aggregates.js';
import { createTopic, pglite, type TestStore } from './support/environments.js';
import { aggregateProducer } from './support/producing.js';
import { requests, type StallingProxy, startStallingProxy } from './support/stalling-proxy.js';
import { eventually, lastFives } from './support/store-contents.js';

describe('a consumer that is alive and hears nothing', () => {
  let opened: TestStore;
  let broker: Broker;
  let proxy: StallingProxy;

  beforeAll(async () => {
    proxy = await startStallingProxy();
    broker = await Broker.start({
      dataDir: null,
      advertisedPort: proxy.port,
      groups: { minSessionTimeoutMs: 500 },
    });
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

  it('is not ready beside a growing lag, is made anew, and goes on', async () => {
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

      proxy.keepBack(requests.fetch);
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

      proxy.letThrough();
      await eventually(async () => expect(await lastFives(opened.store)).toEqual(expectedLastFives(all)));
      await eventually(() =>
        expect(sink.status()).toMatchObject({ state: 'running', problems: [], records: 120 }),
      );
    } finally {
      await sink.stop();
      await producer.close();
    }
  });

  it('is made anew when its group does not answer, though there is no lag', async () => {
    const brokers = `127.0.0.1:${proxy.port}`;
    const topic = await createTopic(brokers, 1);
    const sink = await startSink({
      brokers: [brokers],
      store: opened.store,
      topic,
      groupId: topic,
      sessionTimeoutMs: 1_000,
      notReadyAfterMs: 1_000,
      stalledAfterMs: 3_000,
    });
    try {
      await eventually(() => expect(sink.status()).toMatchObject({ state: 'running', problems: [] }));
      proxy.keepBack(requests.heartbeat);
      await eventually(() =>
        expect(sink.status().problems).toContainEqual(
          expect.stringContaining('coordinator has not answered'),
        ),
      );
      await eventually(() => expect(sink.status().restarts).toBeGreaterThan(0));
      proxy.letThrough();
      await eventually(() => expect(sink.status()).toMatchObject({ state: 'running', problems: [] }));
    } finally {
      proxy.letThrough();
      await sink.stop();
    }
  });

  it('waits for a broker that cannot be reached, however long it takes', async () => {
    const brokers = `127.0.0.1:${proxy.port}`;
    const topic = await createTopic(brokers, 1);
    proxy.isDown = true;
    const options = { brokers: [brokers], store: opened.store, topic, groupId: topic, maxRestarts: 1 };
    const sink = await startSink(options);
    try {
      await eventually(() => expect(sink.status()).toMatchObject({ state: 'retrying', restarts: 3 }), 60_000);
      proxy.isDown = false;
      await eventually(() => expect(sink.status()).toMatchObject({ state: 'running', problems: [] }));
    } finally {
      proxy.isDown = false;
      await sink.stop();
    }
  });

  it.each([
    { when: 'looked for a broker', request: undefined },
    { when: 'joined its group', request: requests.joinGroup },
  ])('leaves all partitions to others when it was stopped while it $when', async ({ request }) => {
    const brokers = `127.0.0.1:${proxy.port}`;
    const topic = await createTopic(brokers, 4);
    const options = {
      brokers: [brokers],
      store: opened.store,
      topic,
      groupId: topic,
      sessionTimeoutMs: 1_000,
    };
    const before = proxy.refused();
    if (request === undefined) proxy.isDown = true;
    else proxy.keepBack(request);
    const stopped = await startSink(options);
    try {
      await eventually(() => expect(proxy.kept() + proxy.refused()).toBeGreaterThan(before));
      await stopped.stop();
    } finally {
      proxy.isDown = false;
      proxy.letThrough();
    }
    const sink = await startSink(options);
    const producer = await aggregateProducer(brokers, topic, 4);
    const all = makeAggregates({ seed: 2, customers: 40, payments: 200 });
    try {
      for (let at = 0; at < all.length; at += 20) {
        await producer.send(all.slice(at, at + 20));
        await eventually(() => expect(sink.status().records).toBe(at + 20));
      }
      expect(sink.status().partitions).toHaveLength(4);
    } finally {
      await producer.close();
      await sink.stop();
    }
  });
});
