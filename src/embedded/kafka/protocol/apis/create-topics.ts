/**
 * CreateTopics (key 19), versions 0 to 7, flexible from 5.
 *
 * - One broker: the replication factor is 1 (or -1, the default); manual assignments must name this broker.
 * - -1 partitions: the broker's default. Configs are checked. validate_only changes nothing.
 * - From 5 the answer holds the topic's configs, from 7 its id.
 */

import { KafkaError } from '../../errors/error-codes.js';
import type { Topic } from '../../log/topic.js';
import type { Api, ApiRequest, Reply } from '../api.js';
import { configEntries } from '../config-entries.js';

interface Wanted {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly assignments: readonly { readonly partition: number; readonly brokers: readonly number[] }[];
  readonly configs: readonly { readonly name: string; readonly value: string | null }[];
}

interface Answer {
  readonly name: string;
  readonly topic?: Topic;
  readonly partitions: number;
  readonly errorCode: number;
  readonly message: string | null;
}

const noId = '0'.repeat(32);

export const createTopics: Api = { key: 19, name: 'CreateTopics', versions: [0, 7], flexibleFrom: 5, handle };

function handle({ reader, version, broker }: ApiRequest): Reply {
  const wanted = reader.array((): Wanted => {
    const name = reader.string();
    const partitions = reader.int32();
    const replicationFactor = reader.int16();
    const assignments = reader.array(() => {
      const assignment = { partition: reader.int32(), brokers: reader.array(() => reader.int32()) };
      reader.tags();
      return assignment;
    });
    const configs = reader.array(() => {
      const config = { name: reader.string(), value: reader.nullableString() };
      reader.tags();
      return config;
    });
    reader.tags();
    return { name, partitions, replicationFactor, assignments, configs };
  });
  reader.int32(); // timeout
  const validateOnly = version >= 1 ? reader.boolean() : false;
  const names = wanted.map(({ name }) => name);
  const answers = wanted.map((topic): Answer => {
    try {
      if (names.indexOf(topic.name) !== names.lastIndexOf(topic.name)) {
        throw new KafkaError('INVALID_REQUEST', 'Duplicate topic name.');
      }
      const partitions = partitionCount(topic, broker.nodeId, broker.defaultPartitions);
      const configs = Object.fromEntries(
        topic.configs.map(({ name, value }) => {
          if (value === null) throw new KafkaError('INVALID_CONFIG', `Null value for configuration ${name}`);
          return [name, value];
        }),
      );
      const spec = { partitions, configs };
      if (validateOnly) {
        broker.store.checkNewTopic(topic.name, spec);
        return { name: topic.name, partitions, errorCode: 0, message: null };
      }
      const created = broker.store.createTopic(topic.name, spec);
      return { name: topic.name, topic: created, partitions, errorCode: 0, message: null };
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      return { name: topic.name, partitions: -1, errorCode: error.errorCode, message: error.message };
    }
  });
  return (writer) => {
    if (version >= 2) writer.int32(0);
    writer.array(answers, ({ name, topic, partitions, errorCode: code, message }) => {
      writer.string(name);
      if (version >= 7) writer.uuid(topic?.id ?? noId);
      writer.int16(code);
      if (version >= 1) writer.string(message);
      if (version >= 5) {
        writer.int32(partitions).int16(code === 0 ? 1 : -1);
        writer.array(topic === undefined ? [] : configEntries(topic.configs), (entry) => {
          writer
            .string(entry.name)
            .string(entry.value)
            .boolean(false)
            .int8(entry.source)
            .boolean(false)
            .tags();
        });
      }
      writer.tags();
    });
    writer.tags();
  };
}

function partitionCount(topic: Wanted, nodeId: number, defaultPartitions: number): number {
  const { assignments } = topic;
  if (assignments.length > 0) {
    if (topic.partitions !== -1 || topic.replicationFactor !== -1) {
      throw new KafkaError(
        'INVALID_REQUEST',
        'Both numPartitions or replicationFactor and replicasAssignments are set.',
      );
    }
    const numbers = assignments.map(({ partition }) => partition).sort((a, b) => a - b);
    const isWhole = numbers.every((partition, i) => partition === i);
    const isHere = assignments.every(({ brokers }) => brokers.length === 1 && brokers[0] === nodeId);
    if (!isWhole || !isHere) throw new KafkaError('INVALID_REPLICA_ASSIGNMENT');
    return assignments.length;
  }
  if (topic.replicationFactor !== -1 && topic.replicationFactor !== 1) {
    throw new KafkaError(
      'INVALID_REPLICATION_FACTOR',
      `Unable to replicate the partition ${topic.replicationFactor} time(s): this cluster has 1 broker.`,
    );
  }
  return topic.partitions === -1 ? defaultPartitions : topic.partitions;
}
