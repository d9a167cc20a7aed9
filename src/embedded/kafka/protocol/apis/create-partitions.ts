/**
 * CreatePartitions (key 37), versions 0 to 3, flexible from 2.
 *
 * - Answers for each topic. Topics only grow: INVALID_PARTITIONS. validate_only changes nothing.
 */

import { KafkaError } from '../../errors/error-codes.js';
import type { Api, ApiRequest, Reply } from '../api.js';

export const createPartitions: Api = {
  key: 37,
  name: 'CreatePartitions',
  versions: [0, 3],
  flexibleFrom: 2,
  handle,
};

function handle({ reader, broker }: ApiRequest): Reply {
  const wanted = reader.array(() => {
    const name = reader.string();
    const count = reader.int32();
    const assignments = reader.nullableArray(() => {
      const brokers = reader.array(() => reader.int32());
      reader.tags();
      return brokers;
    });
    reader.tags();
    return { name, count, assignments };
  });
  reader.int32(); // timeout
  const validateOnly = reader.boolean();
  const answers = wanted.map(({ name, count, assignments }) => {
    try {
      const topic = broker.store.topic(name);
      if (topic === undefined) {
        throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `The topic '${name}' does not exist.`);
      }
      const added = count - topic.partitions.length;
      const isHere =
        assignments?.every((brokers) => brokers.length === 1 && brokers[0] === broker.nodeId) ?? true;
      if (added > 0 && assignments !== null && (!isHere || assignments.length !== added)) {
        throw new KafkaError('INVALID_REPLICA_ASSIGNMENT');
      }
      broker.store.addPartitions(name, count, validateOnly);
      return { name, code: 0, message: null };
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      return { name, code: error.errorCode, message: error.message };
    }
  });
  return (writer) => {
    writer.int32(0).array(answers, ({ name, code, message }) => {
      writer.string(name).int16(code).string(message).tags();
    });
    writer.tags();
  };
}
