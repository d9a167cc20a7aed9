import { resolve } from 'node:path';
import { ConfigResourceTypes } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { readTopics } from '../../scripts/check-deploy/topics.js';
import { kafkaOf } from '../support/kafka.js';
import { applyPipeline } from '../support/pipeline.js';
import { testCluster } from '../support/test-cluster.js';

const topics = readTopics(resolve(import.meta.dirname, '../../deploy/kafka/strimzi/topics.yaml'));
/** Written by the sink alone; the migrations know nothing of it. */
const madeByMigrations = topics.filter(({ name }) => name !== 'PAYMENT-DEAD-LETTERS');
const settings = ['retention.ms', 'cleanup.policy'] as const;

/** cleanup.policy is a list without order. */
const canonical = (value: string) => value.split(',').sort().join(',');

async function settingsOf(brokers: string) {
  const admin = kafkaOf(brokers).admin();
  await admin.connect();
  try {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: madeByMigrations.map(({ name }) => ({ type: ConfigResourceTypes.TOPIC, name })),
    });
    const { topics: described } = await admin.fetchTopicMetadata({
      topics: madeByMigrations.map(({ name }) => name),
    });
    return new Map(
      resources.map(({ resourceName, configEntries }) => [
        resourceName,
        {
          partitions: described.find(({ name }) => name === resourceName)?.partitions.length,
          ...Object.fromEntries(
            settings.map((key) => [
              key,
              canonical(configEntries.find(({ configName }) => configName === key)?.configValue ?? ''),
            ]),
          ),
        },
      ]),
    );
  } finally {
    await admin.disconnect();
  }
}

const expected = new Map(
  madeByMigrations.map(({ name, partitions, config }) => [
    name,
    { partitions, ...Object.fromEntries(settings.map((key) => [key, canonical(config[key] ?? '')])) },
  ]),
);

describe('the topics that are deployed', () => {
  it('are those that the migrations would make', async () => {
    const cluster = await testCluster();
    try {
      await applyPipeline(cluster);
      expect(await settingsOf(cluster.brokers)).toEqual(expected);
    } finally {
      await cluster.stop();
    }
  });

  it('may be there before the migrations, which take them as they are', async () => {
    const cluster = await testCluster();
    try {
      const admin = kafkaOf(cluster.brokers).admin();
      await admin.connect();
      await admin.createTopics({
        waitForLeaders: true,
        topics: topics.map(({ name, partitions, config }) => ({
          topic: name,
          numPartitions: partitions,
          // One broker: the replicas are the cluster's.
          configEntries: settings.map((key) => ({ name: key, value: config[key] ?? '' })),
        })),
      });
      await admin.disconnect();
      await applyPipeline(cluster);
      expect(await settingsOf(cluster.brokers)).toEqual(expected);
    } finally {
      await cluster.stop();
    }
  });
});
