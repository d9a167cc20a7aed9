import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import kafkajs, {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  ResourcePatternTypes,
} from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAcls, readTopics } from '../../scripts/check-deploy/topics.js';
import { canRunRealKafka } from '../../scripts/real-kafka.js';
import { openEmbeddedStore } from '../../src/embedded/cluster.js';
import { startSink } from '../../src/sink/sink.js';
import { aggregateJson, aggregateKey, makeAggregates } from '../sink/support/aggregates.js';
import { eventually, lastFives } from '../sink/support/store-contents.js';
import { type Certificates, makeCertificates } from './support/certificates.js';
import { type SecuredKafka, startSecuredKafka } from './support/secured-kafka.js';

const deploy = resolve(import.meta.dirname, '../../deploy/kafka/strimzi');
const acls = readAcls(`${deploy}/users.yaml`);
const topics = readTopics(`${deploy}/topics.yaml`);
const users = [...new Set(acls.map(({ user }) => user))];
const here =
  process.env.PAYSTREAM_SKIP_REAL_KAFKA !== '1' &&
  spawnSync('openssl', ['version']).status === 0 &&
  (await canRunRealKafka());

const operationOf: Readonly<Record<string, AclOperationTypes>> = {
  All: AclOperationTypes.ALL,
  Read: AclOperationTypes.READ,
  Write: AclOperationTypes.WRITE,
  Create: AclOperationTypes.CREATE,
  Delete: AclOperationTypes.DELETE,
  Alter: AclOperationTypes.ALTER,
  Describe: AclOperationTypes.DESCRIBE,
  DescribeConfigs: AclOperationTypes.DESCRIBE_CONFIGS,
  AlterConfigs: AclOperationTypes.ALTER_CONFIGS,
  IdempotentWrite: AclOperationTypes.IDEMPOTENT_WRITE,
};
const resourceOf: Readonly<Record<string, AclResourceTypes>> = {
  topic: AclResourceTypes.TOPIC,
  group: AclResourceTypes.GROUP,
  cluster: AclResourceTypes.CLUSTER,
  transactionalId: AclResourceTypes.TRANSACTIONAL_ID,
};

/** kafkajs says of a group that it may not use that it finds no coordinator. */
const refusal = /not authorized|authorization|group coordinator/i;

/** Kafka's own authorizer with deploy/kafka's rights: what each service must be able to do, and what it must not. */
describe.skipIf(!here)('rights on Kafka', () => {
  let certificates: Certificates;
  let kafka: SecuredKafka;

  beforeAll(async () => {
    certificates = makeCertificates();
    kafka = await startSecuredKafka(
      certificates,
      Object.fromEntries(users.map((user) => [user, `${user}-password`])),
      {
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        // The controller's listener is plain here, and speaks as nobody.
        'super.users': 'User:admin;User:ANONYMOUS',
        'allow.everyone.if.no.acl.found': 'false',
      },
      { scram: false },
    );
    const admin = new kafkajs.Kafka({
      brokers: [kafka.brokers],
      logLevel: kafkajs.logLevel.NOTHING,
      ...kafka.admin,
    }).admin();
    await admin.connect();
    await admin.createTopics({
      waitForLeaders: true,
      topics: topics.map(({ name }) => ({ topic: name, numPartitions: 1, replicationFactor: 1 })),
    });
    await admin.createAcls({
      acl: acls.flatMap(({ user, resource, operations }) =>
        operations.map((operation) => ({
          principal: `User:${user}`,
          host: '*',
          permissionType: AclPermissionTypes.ALLOW,
          operation: operationOf[operation]!,
          resourceType: resourceOf[resource.type]!,
          resourceName: resource.name ?? 'kafka-cluster',
          resourcePatternType:
            resource.patternType === 'prefix' ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
        })),
      ),
    });
    // The first look at a group makes Kafka make the topic of all groups.
    await eventually(() => admin.fetchOffsets({ groupId: 'warm' }));
    await admin.disconnect();
  });
  afterAll(async () => {
    await kafka?.stop();
    certificates?.remove();
  });

  const connection = (user: string) => ({
    ssl: { ca: [certificates.ca], cert: certificates.client.cert, key: certificates.client.key },
    sasl: { mechanism: 'plain' as const, username: user, password: `${user}-password` },
  });
  const as = (user: string) =>
    new kafkajs.Kafka({
      brokers: [kafka.brokers],
      logLevel: kafkajs.logLevel.NOTHING,
      retry: { retries: 2, initialRetryTime: 50 },
      ...connection(user),
    });

  async function write(user: string, topic: string): Promise<'written' | 'refused'> {
    const producer = as(user).producer({ idempotent: true, retry: { retries: 2 } });
    try {
      // An idempotent producer asks for its number when it connects.
      await producer.connect();
      await producer.send({ topic, acks: -1, messages: [{ key: 'k', value: 'v' }] });
      return 'written';
    } catch (error) {
      expect(String((error as Error).message)).toMatch(refusal);
      return 'refused';
    } finally {
      await producer.disconnect();
    }
  }

  async function read(user: string, topic: string, groupId: string): Promise<'read' | 'refused'> {
    const consumer = as(user).consumer({
      groupId,
      retry: { retries: 0 },
      maxWaitTimeInMs: 50,
      allowAutoTopicCreation: false,
    });
    await consumer.connect();
    try {
      return await new Promise((done, fail) => {
        consumer.on(consumer.events.CRASH, ({ payload }) => {
          if (refusal.test(payload.error.message)) done('refused');
          else fail(payload.error);
        });
        consumer
          .subscribe({ topic, fromBeginning: true })
          .then(() => consumer.run({ eachMessage: async () => done('read') }))
          .catch((error: Error) => (refusal.test(error.message) ? done('refused') : fail(error)));
      });
    } finally {
      await consumer.disconnect();
    }
  }

  it('lets the card service alone write CC-PAYMENT, and ksqlDB alone read it', async () => {
    for (const user of users) {
      expect(await write(user, 'CC-PAYMENT'), `${user} writes`).toBe(
        user === 'cc-payment-service' ? 'written' : 'refused',
      );
    }
    const group = '_confluent-ksql-paystream_query_CC_PAYMENT';
    for (const user of users) {
      expect(
        await read(user, 'CC-PAYMENT', user === 'paystream-sink' ? 'paystream-sink' : group),
        `${user} reads`,
      ).toBe(user === 'ksqldb' ? 'read' : 'refused');
    }
  });

  it('lets nobody but ksqlDB write what comes after it', async () => {
    for (const topic of ['PAYMENT-OUTPUT', 'PAYMENT-REJECTED', 'PAYMENT-TRX-AGGR', 'PAYMENT-ACTIVITY']) {
      for (const user of users.filter((name) => name !== 'ksqldb')) {
        expect(await write(user, topic), `${user} writes ${topic}`).toBe('refused');
      }
    }
    expect(await write('ksqldb', 'PAYMENT-OUTPUT')).toBe('written');
  });

  it('gives the sink all that it needs: it reads, stores, and tells of dead letters', async () => {
    const [aggregate] = makeAggregates({ seed: 1, customers: 1, payments: 1 });
    const producer = as('ksqldb').producer();
    await producer.connect();
    await producer.send({
      topic: 'PAYMENT-TRX-AGGR',
      messages: [
        { key: aggregateKey(aggregate!.customerId, 0n), value: aggregateJson(aggregate!) },
        { key: aggregateKey(aggregate!.customerId, 0n), value: 'no JSON' },
      ],
    });
    await producer.disconnect();
    const store = await openEmbeddedStore('pglite:memory');
    const sink = await startSink({
      brokers: [kafka.brokers],
      store,
      groupId: 'paystream-sink',
      deadLetterTopic: 'PAYMENT-DEAD-LETTERS',
      migrate: true,
      ...connection('paystream-sink'),
    });
    await eventually(async () => {
      expect(sink.status()).toMatchObject({ state: 'running', deadLetters: 1, problems: [] });
      expect((await lastFives(store)).size).toBe(1);
    });
    await sink.stop();
    await store.close();
  });

  it('lets the exporter see how far topics reach, and nothing else', async () => {
    const admin = as('paystream-exporter').admin();
    await admin.connect();
    expect((await admin.listTopics()).sort()).toEqual(
      expect.arrayContaining(['CC-PAYMENT', 'PAYMENT-OUTPUT', 'PAYMENT-TRX-AGGR']),
    );
    const [partition] = await admin.fetchTopicOffsets('CC-PAYMENT');
    expect(Number(partition!.high)).toBeGreaterThan(0);
    await admin.disconnect();
  });
});
