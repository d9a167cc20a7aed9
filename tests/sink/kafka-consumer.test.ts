import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Broker } from '../../src/embedded/kafka/broker.js';
import { createKafkaConsumer } from '../../src/kafka/consumer.js';
import { silentLogger } from '../../src/sink/logger.js';
import { createTopic } from './support/environments.js';

it('survives partitions that are taken over only after the client has ended by itself', async () => {
  const rejections: unknown[] = [];
  const note = (reason: unknown) => void rejections.push(reason);
  process.on('unhandledRejection', note);
  const broker = await Broker.start({ dataDir: null });
  const topic = await createTopic(broker.brokers, 1);
  let takenOver!: (positions: ReadonlyMap<number, bigint>) => void;
  const takeOver = new Promise<ReadonlyMap<number, bigint>>((resolve) => {
    takenOver = resolve;
  });
  let given!: () => void;
  const isGiven = new Promise<void>((resolve) => {
    given = resolve;
  });
  let ended!: (error: Error) => void;
  const end = new Promise<Error>((resolve) => {
    ended = resolve;
  });
  const consumer = createKafkaConsumer(
    {
      brokers: [broker.brokers],
      clientId: 'test',
      groupId: topic,
      topic,
      concurrency: 1,
      sessionTimeoutMs: 6_000,
      logger: silentLogger,
    },
    {
      assigned() {
        given();
        return takeOver;
      },
      batch: async () => {},
      passed() {},
      crashed: ended,
    },
  );
  try {
    await consumer.start();
    await isGiven;
    await broker.stop();
    expect(await end).toBeInstanceOf(Error);
    takenOver(new Map([[0, 0n]]));
    await turn();
    await turn();
    expect(rejections).toEqual([]);
  } finally {
    await consumer.stop();
    await broker.stop();
    process.off('unhandledRejection', note);
  }
});
