/**
 * OffsetForLeaderEpoch (key 23), versions 0 to 4, flexible from 4.
 *
 * - There is only epoch 0: it ends at the end of the log. Later epochs are unknown (-1).
 */

import { errorCode } from '../../errors/error-codes.js';
import type { Api, ApiRequest, Reply } from '../api.js';

export const offsetForLeaderEpoch: Api = {
  key: 23,
  name: 'OffsetForLeaderEpoch',
  versions: [0, 4],
  flexibleFrom: 4,
  handle,
};

function handle({ reader, version, broker }: ApiRequest): Reply {
  if (version >= 3) reader.int32(); // replica id
  const topics = reader.array(() => {
    const topic = reader.string();
    const partitions = reader.array(() => {
      const partition = reader.int32();
      const currentEpoch = version >= 2 ? reader.int32() : -1;
      const epoch = reader.int32();
      reader.tags();
      return { partition, currentEpoch, epoch };
    });
    reader.tags();
    return { topic, partitions };
  });
  return (writer) => {
    if (version >= 2) writer.int32(0);
    writer.array(topics, ({ topic, partitions }) => {
      writer.string(topic).array(partitions, ({ partition, currentEpoch, epoch }) => {
        const log = broker.store.partition(topic, partition);
        const isKnown = log !== undefined && epoch === log.leaderEpoch;
        let code = 0;
        if (log === undefined) code = errorCode('UNKNOWN_TOPIC_OR_PARTITION');
        else if (currentEpoch > log.leaderEpoch) code = errorCode('UNKNOWN_LEADER_EPOCH');
        writer.int16(code).int32(partition);
        if (version >= 1) writer.int32(isKnown && code === 0 ? epoch : -1);
        writer.int64(isKnown && code === 0 ? log.endOffset : -1).tags();
      });
      writer.tags();
    });
    writer.tags();
  };
}
