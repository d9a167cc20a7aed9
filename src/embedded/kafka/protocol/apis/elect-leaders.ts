/**
 * ElectLeaders (key 43), versions 0 to 2, flexible from 2.
 *
 * - The only broker leads already: ELECTION_NOT_NEEDED for every partition.
 */

import { errorCode } from '../../errors/error-codes.js';
import type { Api, ApiRequest, Reply } from '../api.js';

export const electLeaders: Api = { key: 43, name: 'ElectLeaders', versions: [0, 2], flexibleFrom: 2, handle };

function handle({ reader, version, broker }: ApiRequest): Reply {
  if (version >= 1) reader.int8(); // election type
  const wanted = reader.nullableArray(() => {
    const topic = { topic: reader.string(), partitions: reader.array(() => reader.int32()) };
    reader.tags();
    return topic;
  });
  return (writer) => {
    writer.int32(0);
    if (version >= 1) writer.int16(0);
    // "All partitions" answers only for those where an election took place.
    writer.array(wanted ?? [], ({ topic, partitions }) => {
      writer.string(topic).array(partitions, (partition) => {
        const exists = broker.store.partition(topic, partition) !== undefined;
        const code = errorCode(exists ? 'ELECTION_NOT_NEEDED' : 'UNKNOWN_TOPIC_OR_PARTITION');
        writer.int32(partition).int16(code).string(null).tags();
      });
      writer.tags();
    });
    writer.tags();
  };
}
