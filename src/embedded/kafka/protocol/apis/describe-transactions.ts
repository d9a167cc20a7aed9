/**
 * DescribeTransactions (key 65), version 0, flexible.
 */

import { errorCode } from '../../errors/error-codes.js';
import type { TopicPartition } from '../../transactions/transaction-coordinator.js';
import type { Api, ApiRequest, Reply } from '../api.js';

export const describeTransactions: Api = {
  key: 65,
  name: 'DescribeTransactions',
  versions: [0, 0],
  flexibleFrom: 0,
  handle,
};

function handle({ reader, broker }: ApiRequest): Reply {
  const ids = reader.array(() => reader.string());
  return (writer) => {
    writer.int32(0).array(ids, (id) => {
      const transaction = broker.transactions.transaction(id);
      writer.int16(transaction === undefined ? errorCode('TRANSACTIONAL_ID_NOT_FOUND') : 0).string(id);
      writer.string(transaction?.state ?? '').int32(transaction?.timeoutMs ?? 0);
      writer.int64(transaction?.startedAt ?? -1).int64(transaction?.producerId ?? -1);
      writer.int16(transaction?.producerEpoch ?? -1);
      const byTopic = groupByTopic([...(transaction?.partitions.values() ?? [])]);
      writer.array(byTopic, ([topic, partitions]) => {
        writer.string(topic).array(partitions, ({ partition }) => writer.int32(partition));
        writer.tags();
      });
      writer.tags();
    });
    writer.tags();
  };
}

function groupByTopic(partitions: readonly TopicPartition[]): Map<string, TopicPartition[]> {
  const topics = new Map<string, TopicPartition[]>();
  for (const partition of partitions) {
    const list = topics.get(partition.topic);
    if (list === undefined) topics.set(partition.topic, [partition]);
    else list.push(partition);
  }
  return topics;
}
