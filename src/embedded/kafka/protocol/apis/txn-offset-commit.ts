/**
 * TxnOffsetCommit (key 28), versions 0 to 4, flexible from 3.
 *
 * - Offsets become visible when the transaction commits. AddOffsetsToTxn must have come before.
 * - From 3 member and generation fence consumers that lost their partitions (KIP-447).
 */

import { errorCode, type KafkaErrorName } from '../../errors/error-codes.js';
import type { OffsetToCommit } from '../../groups/group-coordinator.js';
import type { Api, ApiRequest, Reply } from '../api.js';

export const txnOffsetCommit: Api = {
  key: 28,
  name: 'TxnOffsetCommit',
  versions: [0, 4],
  flexibleFrom: 3,
  handle,
};

function handle({ reader, version, broker }: ApiRequest): Reply {
  const transactionalId = reader.string();
  const groupId = reader.string();
  const producerId = reader.int64();
  const producerEpoch = reader.int16();
  const generation = version >= 3 ? reader.int32() : -1;
  const memberId = version >= 3 ? reader.string() : '';
  const instanceId = version >= 3 ? reader.nullableString() : null;
  const offsets: OffsetToCommit[] = [];
  const topics = reader.array(() => {
    const topic = reader.string();
    const partitions = reader.array(() => {
      const partition = reader.int32();
      const offset = reader.int64();
      const leaderEpoch = version >= 2 ? reader.int32() : -1;
      const metadata = reader.nullableString() ?? '';
      reader.tags();
      offsets.push({ topic, partition, offset, leaderEpoch, metadata });
      return partition;
    });
    reader.tags();
    return { topic, partitions };
  });
  const fenced = broker.transactions.checkOffsetCommit(transactionalId, producerId, producerEpoch);
  const perPartition: readonly (KafkaErrorName | undefined)[] =
    fenced === undefined
      ? broker.groups.commit(groupId, { memberId, instanceId, generation }, offsets, {
          producerId,
          producerEpoch,
        }).perPartition
      : offsets.map(() => fenced);
  let next = 0;
  return (writer) => {
    writer.int32(0).array(topics, ({ topic, partitions }) => {
      writer.string(topic).array(partitions, (partition) => {
        const error = perPartition[next++];
        writer
          .int32(partition)
          .int16(error === undefined ? 0 : errorCode(error))
          .tags();
      });
      writer.tags();
    });
    writer.tags();
  };
}
