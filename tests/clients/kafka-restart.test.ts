import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Broker } from '../../src/embedded/kafka/broker.js';
import { eventually, kafka } from './kafka-support.js';

const dataDir = mkdtempSync(join(tmpdir(), 'kafka-restart-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

it('a restarted broker has its topics, configs, records, groups, offsets and producer ids', async () => {
  let broker = await Broker.start({ dataDir });
  const first = kafka(broker.brokers);
  const admin = first.admin();
  await admin.connect();
  await admin.createTopics({
    topics: [{ topic: 't', numPartitions: 2, configEntries: [{ name: 'retention.ms', value: '777777' }] }],
  });
  await admin.setOffsets({ groupId: 'g', topic: 't', partitions: [{ partition: 1, offset: '3' }] });
  const producer = first.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  await producer.send({
    topic: 't',
    messages: Array.from({ length: 9 }, (_, i) => ({ value: `v${i}`, partition: 1 })),
  });
  const open = first.producer({ transactionalId: 'open', idempotent: true, maxInFlightRequests: 1 });
  await open.connect();
  const transaction = await open.transaction();
  await transaction.send({ topic: 't', messages: [{ value: 'never committed', partition: 1 }] });
  const cluster = await admin.describeCluster();
  await Promise.all([admin.disconnect(), producer.disconnect(), open.disconnect()]);
  await broker.stop();

  broker = await Broker.start({ dataDir });
  const second = kafka(broker.brokers);
  const again = second.admin();
  await again.connect();
  expect((await again.describeCluster()).clusterId).toBe(cluster.clusterId);
  const { resources } = await again.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: 2, name: 't' }],
  });
  expect(
    resources[0]!.configEntries.find(({ configName }) => configName === 'retention.ms')!.configValue,
  ).toBe('777777');
  const [offsets] = await again.fetchOffsets({ groupId: 'g', topics: ['t'] });
  expect(offsets!.partitions.find(({ partition }) => partition === 1)!.offset).toBe('3');

  const consumer = second.consumer({ groupId: 'g', maxWaitTimeInMs: 100 });
  const values: string[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic: 't' });
  await consumer.run({
    eachMessage: async ({ message }) => {
      values.push(message.value!.toString());
    },
  });
  await eventually(() => values.length >= 6);
  // The transaction that was open is aborted by the producer's next instance, and the log goes on behind it.
  const next = second.producer({ transactionalId: 'open', idempotent: true, maxInFlightRequests: 1 });
  await next.connect();
  const following = await next.transaction();
  await following.send({ topic: 't', messages: [{ value: 'after', partition: 1 }] });
  await following.commit();
  await eventually(() => values.includes('after'));
  expect(values).toEqual(['v3', 'v4', 'v5', 'v6', 'v7', 'v8', 'after']);
  await Promise.all([consumer.disconnect(), next.disconnect(), again.disconnect()]);
  await broker.stop();
});
