/**
 * OffsetDelete (key 47), version 0, never flexible.
 *
 * - GROUP_SUBSCRIBED_TO_TOPIC while a member of the group is subscribed to the topic.
 */

import { errorCode } from '../../errors/error-codes.js';
import type { Api, ApiRequest, Reply } from '../api.js';
import { never } from '../api.js';

export const offsetDelete: Api = {
  key: 47,
  name: 'OffsetDelete',
  versions: [0, 0],
  flexibleFrom: never,
  handle,
};

function handle({ reader, broker }: ApiRequest): Reply {
  const groupId = reader.string();
  const topics = reader.array(() => ({
    topic: reader.string(),
    partitions: reader.array(() => reader.int32()),
  }));
  const flat = topics.flatMap(({ topic, partitions }) =>
    partitions.map((partition) => ({ topic, partition })),
  );
  const { error, perPartition } = broker.groups.deleteOffsets(groupId, flat);
  let next = 0;
  return (writer) => {
    writer.int16(error === undefined ? 0 : errorCode(error)).int32(0);
    writer.array(error === undefined ? topics : [], ({ topic, partitions }) => {
      writer.string(topic).array(partitions, (partition) => {
        const problem = perPartition[next++];
        writer.int32(partition).int16(problem === undefined ? 0 : errorCode(problem));
      });
    });
  };
}
