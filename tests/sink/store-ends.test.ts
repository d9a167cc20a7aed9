import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Broker } from '../../src/embedded/kafka/broker.js';
import { errorResponse, int32, message } from '../../src/embedded/store/wire-messages.js';
import { startSink } from '../../src/sink/sink.js';
import { migrateStore } from '../../src/store/migrate-store.js';
import { openStore } from '../../src/store/open-store.js';
import { classifyStoreFailure } from '../../src/store/store-failure.js';
import { expectedLastFives, makeAggregates } from './support/aggregates.js';
import { createDatabase, createTopic, postgres } from './support/environments.js';
import { aggregateProducer } from './support/producing.js';
import { eventually, lastFives } from './support/store-contents.js';

/** AuthenticationOk and ReadyForQuery. */
const letIn = Buffer.concat([message('R', int32(0)), message('Z', Buffer.from('I'))]);

describe('a server that ends in the moment in which it lets a client in', () => {
  let server: Server;

  beforeAll(async () => {
    server = createServer((socket) => {
      socket.on('error', () => {});
      // In one piece: the client is let in and told of the end before it can turn to either.
      socket.once('data', () =>
        socket.end(
          Buffer.concat([
            letIn,
            errorResponse('57P01', 'terminating connection due to unexpected postmaster exit'),
          ]),
        ),
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => server.close());

  it('is a failure to be tried again, not the end of the process', async () => {
    const thrown: Error[] = [];
    const note = (error: Error) => void thrown.push(error);
    process.on('uncaughtExceptionMonitor', note);
    const store = await openStore(
      `postgres://sink@127.0.0.1:${(server.address() as AddressInfo).port}/store`,
    );
    try {
      for (const work of [store.transaction((tx) => tx.query('SELECT 1')), store.query('SELECT 1')]) {
        const failure = await work.then(
          () => undefined,
          (error: unknown) => error,
        );
        expect(failure).toBeInstanceOf(Error);
        expect(classifyStoreFailure(failure)).toBe('retry');
      }
      expect(thrown).toEqual([]);
    } finally {
      await store.close();
      process.off('uncaughtExceptionMonitor', note);
    }
  });
});

describe.skipIf(postgres.skip)('a network between sink and PostgreSQL that goes silent', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let network: Server;
  let broker: Broker;
  let url: URL;
  const connections: Socket[] = [];
  let isSilent = false;

  /** What is open now stays open, and nothing comes through any more. */
  function fallSilent(): void {
    for (const socket of connections.splice(0)) socket.unpipe().pause();
  }

  beforeAll(async () => {
    broker = await Broker.start({ dataDir: null });
    database = await createDatabase();
    const server = new URL(database.url);
    network = createServer((client) => {
      client.on('error', () => {});
      if (isSilent) {
        client.once('data', () => client.write(letIn));
        return;
      }
      const inner = connect(Number(server.port), server.hostname);
      inner.on('error', () => {});
      client.pipe(inner).pipe(client);
      connections.push(client, inner);
    });
    network.listen(0, '127.0.0.1');
    await once(network, 'listening');
    url = new URL(database.url);
    url.host = `127.0.0.1:${(network.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await broker?.stop();
    await database?.drop();
    network?.close();
  });

  it('is seen by the sink, which goes on over new connections', async () => {
    const [store, direct] = await Promise.all([
      openStore(url.href, { answerTimeoutMs: 2_000 }),
      openStore(database.url),
    ]);
    await migrateStore(direct);
    const topic = await createTopic(broker.brokers, 2);
    const producer = await aggregateProducer(broker.brokers, topic, 2);
    const all = makeAggregates({ seed: 9, customers: 8, payments: 120 });
    const warnings: string[] = [];
    const log = (message: string, fields?: unknown) =>
      void warnings.push(`${message} ${JSON.stringify(fields)}`);
    const sink = await startSink({
      brokers: [broker.brokers],
      store,
      topic,
      groupId: topic,
      logger: { debug() {}, info() {}, warn: log, error: log },
    });
    try {
      await producer.send(all.slice(0, 60));
      await eventually(() => expect(sink.status().records).toBe(60));
      fallSilent();
      await producer.send(all.slice(60));
      await eventually(async () => expect(await lastFives(direct)).toEqual(expectedLastFives(all)));
      await eventually(() =>
        expect(sink.status()).toMatchObject({ records: 120, restarts: 0, problems: [] }),
      );
      expect(warnings.join('\n')).toContain('timeout');
    } finally {
      await sink.stop();
      await Promise.all([producer.close(), store.close(), direct.close()]);
    }
  });

  it('does not hold up a stop', async () => {
    isSilent = true;
    const store = await openStore(url.href);
    const sink = await startSink({ brokers: [broker.brokers], store, groupId: 'silent' });
    await sink.stop();
    expect(sink.status().state).toBe('stopped');
    await store.close();
  });
});
