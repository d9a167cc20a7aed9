/**
 * DescribeProducers (key 61), version 0, flexible.
 *
 * - The producers that a partition knows, with the start of an open transaction.
 */

import { errorCode } from '../../errors/error-codes.js';
import type { Api, ApiRequest, Reply } from '../api.js';

export const describeProducers: Api = {
  key: 61,
  name: 'DescribeProducers',
  versions: [0, 0],
  flexibleFrom: 0,
  handle,
};

function handle({ reader, broker }: ApiRequest): Reply {
  const topics = reader.array(() => {
    const topic = { topic: reader.string(), partitions: reader.array(() => reader.int32()) };
    reader.tags();
    return topic;
  });
  return (writer) => {
    writer.int32(0).array(topics, ({ topic, partitions }) => {
      writer.string(topic).array(partitions, (partition) => {
        const log = broker.store.partition(topic, partition);
        const code = log === undefined ? errorCode('UNKNOWN_TOPIC_OR_PARTITION') : 0;
        writer.int32(partition).int16(code).string(null);
        writer.array(log?.producers.entries() ?? [], (producer) => {
          writer.int64(producer.producerId).int32(producer.epoch).int32(producer.lastSequence);
          writer.int64(producer.lastTimestamp).int32(-1).int64(producer.transactionStart).tags();
        });
        writer.tags();
      });
      writer.tags();
    });
    writer.tags();
  };
}
