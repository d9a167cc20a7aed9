/**
 * DeleteRecords (key 21), versions 0 to 2, flexible from 2.
 *
 * - Moves the start of a partition forward; -1 means to the end. Refused on topics that are only compacted.
 */

import { KafkaError } from '../../errors/error-codes.js';
import type { Api, ApiRequest, Reply } from '../api.js';

export const deleteRecords: Api = {
  key: 21,
  name: 'DeleteRecords',
  versions: [0, 2],
  flexibleFrom: 2,
  handle,
};

function handle({ reader, broker }: ApiRequest): Reply {
  const topics = reader.array(() => {
    const topic = reader.string();
    const partitions = reader.array(() => {
      const wanted = { partition: reader.int32(), offset: reader.int64() };
      reader.tags();
      return wanted;
    });
    reader.tags();
    return { topic, partitions };
  });
  reader.int32(); // timeout
  const answers = topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map(({ partition, offset }) => {
      try {
        const log = broker.store.partition(topic, partition);
        if (log === undefined) throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION');
        if (!log.configs.isDeleted) throw new KafkaError('POLICY_VIOLATION');
        const target = offset === -1 ? log.endOffset : offset;
        if (target < 0) throw new KafkaError('OFFSET_OUT_OF_RANGE');
        log.deleteRecordsBefore(target);
        return { partition, lowWatermark: log.startOffset, code: 0 };
      } catch (error) {
        if (!(error instanceof KafkaError)) throw error;
        return { partition, lowWatermark: -1, code: error.errorCode };
      }
    }),
  }));
  return (writer) => {
    writer.int32(0);
    writer.array(answers, ({ topic, partitions }) => {
      writer.string(topic).array(partitions, ({ partition, lowWatermark, code }) => {
        writer.int32(partition).int64(lowWatermark).int16(code).tags();
      });
      writer.tags();
    });
    writer.tags();
  };
}
