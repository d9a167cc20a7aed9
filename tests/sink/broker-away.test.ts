import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Broker } from '../../src/embedded/kafka/broker.js';
import { type RunningSink, startSink } from '../../src/sink/sink.js';
import { expectedLastFives, makeAggregates } from './support/aggregates.js';
import { kafkaClient, pglite, type TestStore } from './support/environments.js';
import { aggregateProducer } from './support/producing.js';
import { eventually, lastFives } from './support/store-contents.js';

/** A port where nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { readonly port: number };
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

describe('a Kafka that is away for longer than the sink has patience for crashes', () => {
  let opened: TestStore;
  let sink: RunningSink;
  let broker: Broker | undefined;

  beforeAll(async () => {
    opened = await pglite.open();
  });
  afterAll(async () => {
    await sink?.stop();
    await broker?.stop();
    await opened?.close();
  });

  it('does not end the sink: reads are answered from the store, and it goes on when Kafka is there', async () => {
    const port = await closedPort();
    const topic = 'PAYMENT-TRX-AGGR';
    sink = await startSink({
      brokers: [`127.0.0.1:${port}`],
      store: opened.store,
      groupId: 'away',
      migrate: true,
      // A single crash would be the end.
      maxRestarts: 0,
      sessionTimeoutMs: 6_000,
      http: { port: 0 },
    });
    await eventually(() => expect(sink.status().restarts).toBeGreaterThan(1), 60_000);
    expect(sink.status().state).toBe('retrying');
    expect((await fetch(`${sink.httpUrl}/customers/7/payments`)).status).toBe(200);
    expect((await fetch(`${sink.httpUrl}/healthz`)).status).toBe(200);
    expect((await fetch(`${sink.httpUrl}/readyz`)).status).toBe(503);

    broker = await Broker.start({ port });
    const admin = kafkaClient(broker.brokers).admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true });
    await admin.disconnect();
    const records = makeAggregates({ seed: 3, customers: 2, payments: 9 });
    const producer = await aggregateProducer(broker.brokers, topic, 1);
    await producer.send(records);
    await producer.close();
    await eventually(
      async () => expect(await lastFives(opened.store)).toEqual(expectedLastFives(records)),
      60_000,
    );
    expect((await fetch(`${sink.httpUrl}/readyz`)).status).toBe(200);
  });
});
