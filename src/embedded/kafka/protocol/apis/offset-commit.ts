/**
 * OffsetCommit (key 8), versions 1 to 9, flexible from 8.
 *
 * - Durable before the answer. Metadata up to 4096 bytes comes back as sent. Retention times (2 to 4) are ignored.
 * - Without member and generation: a client that assigns its partitions itself, allowed while the group is empty.
 */

import { errorCode } from '../../errors/error-codes.js';
import type { OffsetToCommit } from '../../groups/group-coordinator.js';
import type { Api, ApiRequest, Reply } from '../api.js';

export const offsetCommit: Api = { key: 8, name: 'OffsetCommit', versions: [1, 9], flexibleFrom: 8, handle };

function handle({ reader, version, broker }: ApiRequest): Reply {
  const groupId = reader.string();
  const generation = reader.int32();
  const memberId = reader.string();
  const instanceId = version >= 7 ? reader.nullableString() : null;
  if (version >= 2 && version <= 4) reader.int64(); // retention time
  const offsets: OffsetToCommit[] = [];
  const topics = reader.array(() => {
    const topic = reader.string();
    const partitions = reader.array(() => {
      const partition = reader.int32();
      const offset = reader.int64();
      const leaderEpoch = version >= 6 ? reader.int32() : -1;
      if (version === 1) reader.int64(); // commit timestamp
      const metadata = reader.nullableString() ?? '';
      reader.tags();
      offsets.push({ topic, partition, offset, leaderEpoch, metadata });
      return partition;
    });
    reader.tags();
    return { topic, partitions };
  });
  const { perPartition } = broker.groups.commit(groupId, { memberId, instanceId, generation }, offsets);
  let next = 0;
  return (writer) => {
    if (version >= 3) writer.int32(0);
    writer.array(topics, ({ topic, partitions }) => {
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
