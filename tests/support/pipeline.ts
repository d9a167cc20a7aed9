import { resolve } from 'node:path';
import { KsqldbClient } from '../../src/ksqldb/ksqldb-client.js';
import { applyMigrations } from '../../src/migrations/apply-migrations.js';
import { TOPICS } from '../../src/pipeline/topics.js';
import { kafkaOf } from './kafka.js';

/** Where the pipeline runs. */
export interface ClusterAddresses {
  readonly ksqldbUrl: string;
  readonly brokers: string;
}

export const MIGRATIONS = resolve(import.meta.dirname, '../../ksql/migrations');

const SOURCES: readonly (readonly ['STREAM' | 'TABLE', string])[] = [
  ['TABLE', 'PAYMENT_ACTIVITY'],
  ['TABLE', 'PAYMENT_TRX_AGGR'],
  ['STREAM', 'PAYMENT_REJECTED'],
  ['STREAM', 'BANK_TRANSFER_PAYMENT'],
  ['STREAM', 'CC_PAYMENT'],
  ['STREAM', 'PAYMENT_OUTPUT'],
  ['TABLE', 'MIGRATION_SCHEMA_VERSIONS'],
  ['STREAM', 'MIGRATION_EVENTS'],
];

export async function applyPipeline(cluster: ClusterAddresses): Promise<void> {
  const client = new KsqldbClient({ url: cluster.ksqldbUrl });
  try {
    await applyMigrations({ client, directory: MIGRATIONS });
  } finally {
    client.close();
  }
}

/** Removes everything that the migrations made, topics too: a real cluster is left as it was found. */
export async function removePipeline({ ksqldbUrl, brokers }: ClusterAddresses): Promise<void> {
  const client = new KsqldbClient({ url: ksqldbUrl });
  const admin = kafkaOf(brokers).admin();
  try {
    const names = new Set(SOURCES.map(([, name]) => name));
    // Ended before its topic goes: a query that cannot write what it holds keeps the server busy for minutes.
    for (const { id, sinks } of await client.queries()) {
      if (sinks.some((sink) => names.has(sink))) await client.executeAndWait(`TERMINATE ${id};`);
    }
    for (const [kind, name] of SOURCES)
      await client.executeAndWait(`DROP ${kind} IF EXISTS ${name} DELETE TOPIC;`);
    await admin.connect();
    const left = new Set<string>([...Object.values(TOPICS), 'PAYMENT-DEAD-LETTERS']);
    const topics = (await admin.listTopics()).filter((topic) => left.has(topic));
    if (topics.length > 0) await admin.deleteTopics({ topics });
  } finally {
    await admin.disconnect();
    client.close();
  }
}
