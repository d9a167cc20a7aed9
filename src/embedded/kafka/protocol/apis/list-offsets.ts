/**
 * ListOffsets (key 2), versions 1 to 9, flexible from 6.
 *
 * - Timestamp -1: the end (the last stable offset under read_committed); -2: the start; -3: the record with the
 *   largest timestamp (from 7); -4: the start (from 8: there is no tiered storage); -5: none (from 9).
 * - Any other timestamp: the first record at or after it, -1 if there is none.
 */

import { errorCode } from '../../errors/error-codes.js';
import type { PartitionLog } from '../../log/partition-log.js';
import type { Api, ApiRequest, Reply } from '../api.js';

const latest = -1;
const earliest = -2;
const largestTimestamp = -3;
const earliestLocal = -4;
const latestTiered = -5;

interface Found {
  readonly offset: number;
  readonly timestamp: number;
}

const none: Found = { offset: -1, timestamp: -1 };

export const listOffsets: Api = { key: 2, name: 'ListOffsets', versions: [1, 9], flexibleFrom: 6, handle };

function handle({ reader, version, broker }: ApiRequest): Reply {
  reader.int32(); // replica id
  const isCommittedOnly = version >= 2 && reader.int8() === 1;
  const topics = reader.array(() => {
    const name = reader.string();
    const partitions = reader.array(() => {
      const partition = reader.int32();
      if (version >= 4) reader.int32(); // current leader epoch
      const timestamp = reader.int64();
      reader.tags();
      const log = broker.store.partition(name, partition);
      if (log === undefined) {
        return { partition, errorCode: errorCode('UNKNOWN_TOPIC_OR_PARTITION'), found: none };
      }
      return { partition, errorCode: 0, found: find(log, timestamp, isCommittedOnly) };
    });
    reader.tags();
    return { name, partitions };
  });
  return (writer) => {
    if (version >= 2) writer.int32(0);
    writer.array(topics, (topic) => {
      writer.string(topic.name).array(topic.partitions, ({ partition, errorCode: code, found }) => {
        writer.int32(partition).int16(code).int64(found.timestamp).int64(found.offset);
        if (version >= 4) writer.int32(found.offset < 0 ? -1 : 0);
        writer.tags();
      });
      writer.tags();
    });
    writer.tags();
  };
}

function find(log: PartitionLog, timestamp: number, isCommittedOnly: boolean): Found {
  const end = isCommittedOnly ? log.lastStableOffset : log.endOffset;
  switch (timestamp) {
    case latest:
      return { offset: end, timestamp: -1 };
    case earliest:
    case earliestLocal:
      return { offset: log.startOffset, timestamp: -1 };
    case largestTimestamp:
      return log.offsetOfMaxTimestamp() ?? none;
    case latestTiered:
      return none;
    default: {
      const found = log.offsetForTimestamp(timestamp);
      return found === null || found.offset >= end ? none : found;
    }
  }
}
