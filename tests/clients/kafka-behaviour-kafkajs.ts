import kafkajs, { type Admin, type Kafka, type KafkaMessage } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTopic, eventually, kafka, type Target, unique } from './kafka-support.js';

const { CompressionTypes, ConfigResourceTypes } = kafkajs;

/** What kafkajs wants of a broker. */
export function behavesForKafkajs(start: () => Promise<Target>): void {
  let target: Target;
  let client: Kafka;
  let admin: Admin;
  const topics: string[] = [];

  beforeAll(async () => {
    target = await start();
    client = kafka(target.brokers);
    admin = client.admin();
    await admin.connect();
  });

  afterAll(async () => {
    await admin?.deleteTopics({ topics }).catch(() => {});
    await admin?.disconnect();
    await target?.stop();
  });

  async function newTopic(partitions = 1, configs: Record<string, string> = {}): Promise<string> {
    const topic = unique('kafkajs');
    await createTopic(target.brokers, topic, partitions, configs);
    topics.push(topic);
    return topic;
  }

  type Received = KafkaMessage & { readonly partition: number };

  /** Reads a topic from its start until `count` messages have come. */
  async function consume(
    topic: string,
    count: number,
    options: { groupId?: string; readUncommitted?: boolean } = {},
  ): Promise<Received[]> {
    const consumer = client.consumer({
      groupId: options.groupId ?? unique('group'),
      readUncommitted: options.readUncommitted ?? false,
      maxWaitTimeInMs: 200,
    });
    const received: Received[] = [];
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ partition, message }) => {
        received.push({ ...message, partition });
      },
    });
    await eventually(() => received.length >= count);
    await consumer.disconnect();
    return received;
  }

  describe('topics', () => {
    it('are created with partitions and configs, described with all defaults, grown and deleted', async () => {
      const topic = await newTopic(3, { 'retention.ms': '12345678' });
      const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic }];
      const configs = async () => {
        const { resources: found } = await admin.describeConfigs({ resources, includeSynonyms: false });
        return new Map(found[0]!.configEntries.map((entry) => [entry.configName, entry.configValue]));
      };
      expect((await configs()).get('retention.ms')).toBe('12345678');
      expect((await configs()).get('cleanup.policy')).toBe('delete');
      expect((await configs()).get('max.message.bytes')).toBe('1048588');
      await admin.alterConfigs({
        validateOnly: false,
        resources: [{ ...resources[0]!, configEntries: [{ name: 'max.message.bytes', value: '2000' }] }],
      });
      expect(await eventually(async () => (await configs()).get('max.message.bytes') === '2000')).toBe(true);
      expect((await configs()).get('retention.ms')).toBe('604800000');
      await admin.createPartitions({ topicPartitions: [{ topic, count: 5 }] });
      const offsets = await eventually(async () => {
        const found = await admin.fetchTopicOffsets(topic);
        return found.length === 5 ? found : undefined;
      });
      expect(offsets.map(({ partition }) => partition).sort()).toEqual([0, 1, 2, 3, 4]);
      await admin.deleteTopics({ topics: [topic] });
      expect(await eventually(async () => !(await admin.listTopics()).includes(topic))).toBe(true);
    });

    it('refuse names, counts and configs that Kafka refuses', async () => {
      const topic = await newTopic();
      const create = (wanted: object) =>
        admin.createTopics({
          topics: [{ topic: unique('bad'), numPartitions: 1, replicationFactor: 1, ...wanted }],
        });
      expect(await create({ topic })).toBe(false);
      await expect(create({ topic: 'no spaces allowed' })).rejects.toMatchObject({
        errors: [{ type: 'INVALID_TOPIC_EXCEPTION' }],
      });
      await expect(create({ numPartitions: 0 })).rejects.toMatchObject({
        errors: [{ type: 'INVALID_PARTITIONS' }],
      });
      await expect(create({ replicationFactor: 9 })).rejects.toMatchObject({
        errors: [{ type: 'INVALID_REPLICATION_FACTOR' }],
      });
      await expect(create({ configEntries: [{ name: 'no.such.config', value: '1' }] })).rejects.toMatchObject(
        {
          errors: [{ type: 'INVALID_CONFIG' }],
        },
      );
      await expect(
        create({ configEntries: [{ name: 'retention.ms', value: 'soon' }] }),
      ).rejects.toMatchObject({
        errors: [{ type: 'INVALID_CONFIG' }],
      });
    });
  });

  describe('records', () => {
    const codecs = Object.entries(CompressionTypes).filter(([, type]) => typeof type === 'number');
    for (const [name, type] of codecs as [string, number][]) {
      it(`come back as they were sent, packed with ${name}`, async () => {
        const topic = await newTopic();
        const producer = client.producer();
        await producer.connect();
        const messages = Array.from({ length: 500 }, (_, i) => ({
          key: i % 3 === 0 ? null : `key ${i}`,
          value: i % 7 === 0 ? null : `value ${i} ${'ä'.repeat(i % 50)}`,
          timestamp: String(1_700_000_000_000 + i),
          headers: i % 2 === 0 ? { first: `h${i}`, second: Buffer.from([0, 255, i % 256]) } : {},
        }));
        await producer.send({ topic, messages, compression: type });
        await producer.disconnect();
        const received = await consume(topic, 500);
        expect(received.map(({ offset }) => Number(offset))).toEqual(messages.map((_, i) => i));
        expect(received.map(({ key }) => key?.toString() ?? null)).toEqual(messages.map(({ key }) => key));
        expect(received.map(({ value }) => value?.toString() ?? null)).toEqual(
          messages.map(({ value }) => value),
        );
        expect(received.map(({ timestamp }) => timestamp)).toEqual(
          messages.map(({ timestamp }) => timestamp),
        );
        expect(received[4]!.headers!.first!.toString()).toBe('h4');
        expect(received[4]!.headers!.second).toEqual(Buffer.from([0, 255, 4]));
      });
    }

    it('over max.message.bytes are refused, and the next ones are taken', async () => {
      const topic = await newTopic(1, { 'max.message.bytes': '1000' });
      const producer = client.producer({ retry: { retries: 0 } });
      await producer.connect();
      await expect(producer.send({ topic, messages: [{ value: 'x'.repeat(2000) }] })).rejects.toMatchObject({
        type: 'MESSAGE_TOO_LARGE',
      });
      await producer.send({ topic, messages: [{ value: 'small' }] });
      await producer.disconnect();
      expect((await consume(topic, 1))[0]!.value!.toString()).toBe('small');
    });

    it('without a key are refused by a compacted topic', async () => {
      const topic = await newTopic(1, { 'cleanup.policy': 'compact' });
      const producer = client.producer({ retry: { retries: 0 } });
      await producer.connect();
      await expect(producer.send({ topic, messages: [{ value: 'no key' }] })).rejects.toMatchObject({
        code: 87,
      });
      await producer.disconnect();
    });

    it('out of the timestamp bounds are refused; LogAppendTime stamps them itself', async () => {
      const bounded = await newTopic(1, {
        'message.timestamp.before.max.ms': '60000',
        'message.timestamp.after.max.ms': '60000',
      });
      const stamped = await newTopic(1, { 'message.timestamp.type': 'LogAppendTime' });
      const producer = client.producer({ retry: { retries: 0 } });
      await producer.connect();
      for (const far of [-120_000, 120_000]) {
        const timestamp = String(Date.now() + far);
        await expect(
          producer.send({ topic: bounded, messages: [{ value: 'far', timestamp }] }),
        ).rejects.toMatchObject({ type: 'INVALID_TIMESTAMP' });
      }
      const before = Date.now();
      await producer.send({ topic: stamped, messages: [{ value: 'stamped', timestamp: '1000' }] });
      await producer.disconnect();
      const [message] = await consume(stamped, 1);
      expect(Math.abs(Number(message!.timestamp) - before)).toBeLessThan(60_000);
    });

    it('sent with acks 0 or 1 arrive as well', async () => {
      const topic = await newTopic();
      const producer = client.producer();
      await producer.connect();
      for (const acks of [0, 1, -1])
        await producer.send({ topic, acks, messages: [{ value: `acks ${acks}` }] });
      await producer.disconnect();
      const received = await consume(topic, 3);
      expect(received.map(({ value }) => value!.toString()).sort()).toEqual(['acks -1', 'acks 0', 'acks 1']);
    });

    it('are found by timestamp, and deleted up to an offset', async () => {
      const topic = await newTopic();
      const producer = client.producer();
      await producer.connect();
      const start = Date.now() - 100_000;
      for (let i = 0; i < 10; i++) {
        const messages = [0, 1, 2].map((j) => ({
          value: `${i}-${j}`,
          timestamp: String(start + i * 100 + j),
        }));
        await producer.send({ topic, messages });
      }
      await producer.disconnect();
      const at = async (timestamp: number) =>
        (await admin.fetchTopicOffsetsByTimestamp(topic, timestamp))[0]!.offset;
      expect(await at(start)).toBe('0');
      expect(await at(start + 301)).toBe('10');
      expect(await at(start + 303)).toBe('12');
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '10' }] });
      expect((await admin.fetchTopicOffsets(topic))[0]).toMatchObject({ low: '10', high: '30' });
      const received = await consume(topic, 20);
      expect(received[0]!.value!.toString()).toBe('3-1');
    });

    it('keep their order for each key under an idempotent producer', async () => {
      const topic = await newTopic(4);
      const producer = client.producer({ idempotent: true, maxInFlightRequests: 1 });
      await producer.connect();
      for (let i = 0; i < 50; i++) {
        await producer.send({
          topic,
          messages: [0, 1, 2, 3, 4].map((k) => ({ key: `k${k}`, value: String(i) })),
        });
      }
      await producer.disconnect();
      const received = await consume(topic, 250);
      for (const k of [0, 1, 2, 3, 4]) {
        const mine = received.filter(({ key }) => key!.toString() === `k${k}`);
        expect(mine.map(({ value }) => value!.toString())).toEqual(
          Array.from({ length: 50 }, (_, i) => String(i)),
        );
        expect(new Set(mine.map(({ partition }) => partition)).size).toBe(1);
      }
    });
  });

  describe('transactions', () => {
    it('show committed records only, and commit offsets with them', async () => {
      const topic = await newTopic(2);
      const groupId = unique('group');
      const producer = client.producer({
        transactionalId: unique('tx'),
        idempotent: true,
        maxInFlightRequests: 1,
      });
      await producer.connect();
      for (const outcome of ['commit', 'abort', 'commit'] as const) {
        const transaction = await producer.transaction();
        await transaction.send({
          topic,
          messages: [0, 1].map((partition) => ({ value: outcome, partition })),
        });
        await transaction.sendOffsets({
          consumerGroupId: groupId,
          topics: [{ topic, partitions: [{ partition: 0, offset: outcome === 'commit' ? '7' : '99' }] }],
        });
        await transaction[outcome]();
      }
      await producer.disconnect();
      const committed = await consume(topic, 4);
      expect(committed.map(({ value }) => value!.toString())).toEqual(Array(4).fill('commit'));
      const all = await consume(topic, 6, { readUncommitted: true });
      expect(all.filter(({ value }) => value!.toString() === 'abort')).toHaveLength(2);
      const [offsets] = await admin.fetchOffsets({ groupId, topics: [topic] });
      expect(offsets!.partitions.find(({ partition }) => partition === 0)!.offset).toBe('7');
    });

    it('that are open hide what follows from read_committed until they end', async () => {
      const topic = await newTopic();
      const transactional = client.producer({
        transactionalId: unique('tx'),
        idempotent: true,
        maxInFlightRequests: 1,
      });
      const plain = client.producer();
      await Promise.all([transactional.connect(), plain.connect()]);
      const transaction = await transactional.transaction();
      await transaction.send({ topic, messages: [{ value: 'in transaction' }] });
      await plain.send({ topic, messages: [{ value: 'plain' }] });
      expect(await consume(topic, 2, { readUncommitted: true })).toHaveLength(2);
      const early: string[] = [];
      const consumer = client.consumer({ groupId: unique('group'), maxWaitTimeInMs: 100 });
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      let isEnding = false;
      await consumer.run({
        eachMessage: async ({ message }) => {
          if (!isEnding) early.push(message.value!.toString());
          else early.push(`later: ${message.value}`);
        },
      });
      await new Promise((resolve) => setTimeout(resolve, 600));
      isEnding = true;
      await transaction.commit();
      await eventually(() => early.length === 2);
      expect(early).toEqual(['later: in transaction', 'later: plain']);
      await Promise.all([consumer.disconnect(), transactional.disconnect(), plain.disconnect()]);
    });

    it('of an old instance are fenced by a new one', async () => {
      const topic = await newTopic();
      const transactionalId = unique('tx');
      const options = { transactionalId, idempotent: true, maxInFlightRequests: 1, retry: { retries: 1 } };
      const old = client.producer(options);
      await old.connect();
      const stale = await old.transaction();
      await stale.send({ topic, messages: [{ value: 'stale' }] });
      const young = client.producer({ ...options, retry: { retries: 10 } });
      await young.connect();
      const fresh = await young.transaction();
      await expect(stale.send({ topic, messages: [{ value: 'stale too' }] })).rejects.toThrow();
      await fresh.send({ topic, messages: [{ value: 'fresh' }] });
      await fresh.commit();
      await Promise.all([old.disconnect(), young.disconnect()]);
      expect((await consume(topic, 1)).map(({ value }) => value!.toString())).toEqual(['fresh']);
    });
  });

  describe('consumer groups', () => {
    it('share partitions, hand them over when a member leaves, and lose or double nothing', async () => {
      const topic = await newTopic(6);
      const groupId = unique('group');
      const producer = client.producer();
      await producer.connect();
      const seen: string[] = [];
      const start = async () => {
        const consumer = client.consumer({
          groupId,
          maxWaitTimeInMs: 100,
          heartbeatInterval: 200,
          sessionTimeout: 10_000,
        });
        let assigned: readonly number[] = [];
        consumer.on('consumer.group_join', ({ payload }) => {
          assigned = payload.memberAssignment[topic] ?? [];
        });
        await consumer.connect();
        await consumer.subscribe({ topic, fromBeginning: true });
        await consumer.run({
          eachMessage: async ({ message }) => {
            seen.push(message.value!.toString());
          },
        });
        return { consumer, assigned: () => assigned };
      };
      let sent = 0;
      const send = async (n: number) => {
        const messages = Array.from({ length: n }, () => ({ key: `k${sent}`, value: String(sent++) }));
        await producer.send({ topic, messages });
      };
      await send(100);
      const one = await start();
      await eventually(() => seen.length === 100);
      const two = await start();
      await eventually(() => one.assigned().length === 3 && two.assigned().length === 3);
      await send(100);
      await eventually(() => seen.length >= 200);
      const described = await admin.describeGroups([groupId]);
      expect(described.groups[0]).toMatchObject({ state: 'Stable', protocolType: 'consumer' });
      expect(described.groups[0]!.members).toHaveLength(2);
      await one.consumer.disconnect();
      await eventually(() => two.assigned().length === 6);
      await send(100);
      await eventually(() => seen.length >= 300);
      await two.consumer.disconnect();
      await producer.disconnect();
      expect(seen.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 300 }, (_, i) => i));
    });

    it('go on from committed offsets, which admins can read, set and delete', async () => {
      const topic = await newTopic();
      const groupId = unique('group');
      const producer = client.producer();
      await producer.connect();
      await producer.send({ topic, messages: [1, 2, 3].map((n) => ({ value: String(n) })) });
      await consume(topic, 3, { groupId });
      await producer.send({ topic, messages: [{ value: '4' }] });
      await producer.disconnect();
      expect((await consume(topic, 1, { groupId })).map(({ value }) => value!.toString())).toEqual(['4']);
      const offset = async () =>
        (await admin.fetchOffsets({ groupId, topics: [topic] }))[0]!.partitions[0]!.offset;
      expect(await offset()).toBe('4');
      await admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: '1' }] });
      expect(await offset()).toBe('1');
      expect((await admin.listGroups()).groups.map((group) => group.groupId)).toContain(groupId);
      await admin.deleteGroups([groupId]);
      expect((await admin.listGroups()).groups.map((group) => group.groupId)).not.toContain(groupId);
      expect(await offset()).toBe('-1');
    });
  });
}
