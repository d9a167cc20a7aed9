import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  canFetchPostgres,
  type POSTGRES_VERSIONS,
  postgresPrograms,
} from '../../scripts/postgres-versions.js';
import { Broker } from '../../src/embedded/kafka/broker.js';
import { startSink } from '../../src/sink/sink.js';
import { migrateStore } from '../../src/store/migrate-store.js';
import { openStore } from '../../src/store/open-store.js';
import { grantSinkRole } from '../../src/store/sink-role.js';
import type { Store } from '../../src/store/store.js';
import { aggregateJson, aggregateKey, expectedLastFives, makeAggregates } from './support/aggregates.js';
import { createTopic, kafkaClient } from './support/environments.js';
import { CARD } from './support/leaks.js';
import { expectPlanByKeys } from './support/merge-plan.js';
import { expectOneStoreForAnyDelivery } from './support/merge-property.js';
import { type PostgresServer, startPostgresServer } from './support/postgres-server.js';
import { eventually, lastFives } from './support/store-contents.js';

const asked =
  process.env.PAYSTREAM_REQUIRE_TOOLS === '1' || process.env.PAYSTREAM_TEST_POSTGRES_VERSIONS === '1';
if (!asked) {
  console.warn(
    'PostgreSQL 14, 16, 17 and 18 are skipped: PAYSTREAM_TEST_POSTGRES_VERSIONS=1 fetches them (92 MB).',
  );
}

const majors = [14, 16, 17, 18] as const satisfies readonly (keyof typeof POSTGRES_VERSIONS)[];

/** What the store promises on every major version; the other suites run on the one that is installed. */
describe.skipIf(!asked || !canFetchPostgres).each(majors)('the store on PostgreSQL %i', (major) => {
  let postgres: PostgresServer;
  let store: Store;

  beforeAll(async () => {
    postgres = await startPostgresServer([], postgresPrograms(major));
    store = await openStore(postgres.url);
    await migrateStore(store);
  }, 240_000);
  afterAll(async () => {
    await store?.close();
    await postgres?.stop();
  });

  it('is that version, and takes the schema, twice', async () => {
    const { rows } = await store.query<{ server_version: string }>('SHOW server_version');
    expect(rows[0]?.server_version).toMatch(new RegExp(`^${major}\\.`));
    expect(await migrateStore(store)).toMatchObject({ applied: [] });
  });

  it('gives the same last fives for any order, repetition and splitting of the records', async () => {
    await expectOneStoreForAnyDelivery(store, 1, 12);
  });

  it('never scans the table for a batch', async () => {
    await expectPlanByKeys(store);
  });

  it('serves a sink with the rights of its role alone, which passes a bad record by without repeating it', async () => {
    await store.script("TRUNCATE customer_payment; CREATE ROLE the_sink LOGIN PASSWORD 'x'");
    await grantSinkRole(store, 'the_sink');
    const broker = await Broker.start();
    const asSink = await openStore(postgres.url.replace('postgres@', 'the_sink:x@'));
    try {
      const topic = await createTopic(broker.brokers, 1);
      const records = makeAggregates({ seed: 5, customers: 4, payments: 30 });
      const message = ({ customerId, windowStart }: (typeof records)[number], value: string) => ({
        key: aggregateKey(customerId, windowStart),
        value,
      });
      const producer = kafkaClient(broker.brokers).producer();
      await producer.connect();
      await producer.send({
        topic,
        messages: [
          message(records[0]!, `{"payments":[{"trxId":"${CARD}x"}]}`),
          ...records.map((record) => message(record, aggregateJson(record))),
        ],
      });
      await producer.disconnect();
      const sink = await startSink({ brokers: [broker.brokers], store: asSink, topic, groupId: topic });
      await eventually(async () => expect(await lastFives(store)).toEqual(expectedLastFives(records)));
      expect(sink.status().deadLetters).toBe(1);
      await sink.stop();
      expect(postgres.log()).not.toContain(CARD);
    } finally {
      await asSink.close();
      await broker.stop();
    }
  });
});
