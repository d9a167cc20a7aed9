/**
 * DescribeLogDirs (key 35), versions 0 to 4, flexible from 2.
 *
 * - One folder (or "memory") with the size of each partition; sizes of the disk itself are unknown (-1).
 */
import type { Api, ApiRequest, Reply } from '../api.js';

export const describeLogDirs: Api = {
  key: 35,
  name: 'DescribeLogDirs',
  versions: [0, 4],
  flexibleFrom: 2,
  handle,
};

function handle({ reader, version, broker }: ApiRequest): Reply {
  const wanted = reader.nullableArray(() => {
    const topic = { topic: reader.string(), partitions: reader.array(() => reader.int32()) };
    reader.tags();
    return topic;
  });
  const list =
    wanted ??
    broker.store.topics().map(({ name, partitions }) => ({
      topic: name,
      partitions: partitions.map(({ partition }) => partition),
    }));
  const topics = list.flatMap(({ topic, partitions }) => {
    const logs = partitions.flatMap((partition) => broker.store.partition(topic, partition) ?? []);
    return logs.length === 0 ? [] : [{ topic, logs }];
  });
  return (writer) => {
    writer.int32(0);
    if (version >= 3) writer.int16(0);
    writer.array([broker.store.dataDir ?? 'memory'], (dir) => {
      writer
        .int16(0)
        .string(dir)
        .array(topics, ({ topic, logs }) => {
          writer.string(topic).array(logs, (log) => {
            writer.int32(log.partition).int64(log.size).int64(0).boolean(false).tags();
          });
          writer.tags();
        });
      if (version >= 4) writer.int64(-1).int64(-1);
      writer.tags();
    });
    writer.tags();
  };
}
