/**
 * OffsetFetch (key 9), versions 1 to 9, flexible from 6, several groups at once from 8.
 *
 * - No topics (null, from 2) means all that the group has committed. Offset -1 where nothing was committed.
 * - require_stable (from 7): UNSTABLE_OFFSET_COMMIT while an open transaction commits the partition's offset.
 */

import { errorCode } from '../../errors/error-codes.js';
import type { FetchedOffset } from '../../groups/group-coordinator.js';
import type { Writer } from '../../records/writer.js';
import type { Api, ApiRequest, Reply } from '../api.js';

export const offsetFetch: Api = { key: 9, name: 'OffsetFetch', versions: [1, 9], flexibleFrom: 6, handle };

function handle({ reader, version, broker }: ApiRequest): Reply {
  const readTopics = () =>
    reader.nullableArray(() => {
      const topic = { topic: reader.string(), partitions: reader.array(() => reader.int32()) };
      reader.tags();
      return topic;
    });
  const wanted =
    version <= 7
      ? [{ groupId: reader.string(), topics: readTopics() }]
      : reader.array(() => {
          const groupId = reader.string();
          if (version >= 9) {
            reader.nullableString(); // member id and epoch: of the new group protocol
            reader.int32();
          }
          const topics = readTopics();
          reader.tags();
          return { groupId, topics };
        });
  const requireStable = version >= 7 ? reader.boolean() : false;
  const groups = wanted.map(({ groupId, topics }) => ({
    groupId,
    topics: byTopic(broker.groups.fetch(groupId, topics, requireStable)),
  }));
  return (writer) => {
    if (version >= 3) writer.int32(0);
    if (version <= 7) {
      writeTopics(writer, version, groups[0]!.topics);
      if (version >= 2) writer.int16(0);
    } else {
      writer.array(groups, ({ groupId, topics }) => {
        writer.string(groupId);
        writeTopics(writer, version, topics);
        writer.int16(0).tags();
      });
    }
    writer.tags();
  };
}

function writeTopics(
  writer: Writer,
  version: number,
  topics: ReadonlyMap<string, readonly FetchedOffset[]>,
): void {
  writer.array(topics, ([topic, partitions]) => {
    writer.string(topic).array(partitions, ({ partition, offset, leaderEpoch, metadata, error }) => {
      writer.int32(partition).int64(offset);
      if (version >= 5) writer.int32(leaderEpoch);
      writer
        .string(metadata)
        .int16(error === undefined ? 0 : errorCode(error))
        .tags();
    });
    writer.tags();
  });
}

function byTopic(offsets: readonly FetchedOffset[]): Map<string, FetchedOffset[]> {
  const topics = new Map<string, FetchedOffset[]>();
  for (const offset of offsets) {
    const list = topics.get(offset.topic);
    if (list === undefined) topics.set(offset.topic, [offset]);
    else list.push(offset);
  }
  return topics;
}
