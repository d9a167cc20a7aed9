/**
 * Fetch (key 1), versions 4 to 17, flexible from 12, topic ids instead of names from 13.
 *
 * - Whole batches, the first one even if it is larger than the limits; an offset inside a batch gets the batch.
 * - Long polling: waits up to max_wait for min_bytes, woken by appends; answers at once on any error.
 * - read_committed (isolation 1) ends at the last stable offset and lists the aborted transactions.
 * - Fetch sessions are declined (session id 0): each request names all of its partitions.
 * - Leader epochs are checked; there is only epoch 0. No followers, no racks, no tiered storage.
 */

import { errorCode, KafkaError } from '../../errors/error-codes.js';
import type { LogStore } from '../../log/log-store.js';
import type { PartitionLog } from '../../log/partition-log.js';
import type { AbortedTransaction } from '../../log/producer-states.js';
import type { Api, ApiRequest, Reply } from '../api.js';

interface WantedPartition {
  readonly partition: number;
  readonly leaderEpoch: number;
  readonly offset: number;
  readonly maxBytes: number;
}

interface WantedTopic {
  readonly name: string | undefined;
  readonly id: string;
  readonly partitions: readonly WantedPartition[];
}

interface FetchedPartition {
  readonly partition: number;
  readonly errorCode: number;
  readonly log: PartitionLog | undefined;
  readonly data: readonly Buffer[];
  readonly bytes: number;
  readonly aborted: readonly AbortedTransaction[] | null;
}

interface Fetched {
  readonly topics: readonly {
    readonly wanted: WantedTopic;
    readonly partitions: readonly FetchedPartition[];
  }[];
  readonly bytes: number;
  readonly hasError: boolean;
}

interface Limits {
  readonly maxBytes: number;
  readonly isCommittedOnly: boolean;
}

const empty: readonly Buffer[] = [];
/** However much a client asks for, an answer holds no more than this and the last batch. */
const largestAnswer = 16 * 1024 * 1024;
const mostPatience = 300_000;

export const fetch: Api = { key: 1, name: 'Fetch', versions: [4, 17], flexibleFrom: 12, handle };

function handle(request: ApiRequest): Reply | Promise<Reply> {
  const { reader, version, broker } = request;
  if (version <= 14) reader.int32(); // replica id
  const maxWait = Math.min(reader.int32(), mostPatience);
  const minBytes = reader.int32();
  const maxBytes = Math.min(reader.int32(), largestAnswer);
  const isCommittedOnly = reader.int8() === 1;
  let sessionId = 0;
  if (version >= 7) {
    sessionId = reader.int32();
    reader.int32(); // session epoch
  }
  const wanted = reader.array(() => readTopic(request));
  if (sessionId !== 0) {
    return reply(version, { topics: [], bytes: 0, hasError: true }, errorCode('FETCH_SESSION_ID_NOT_FOUND'));
  }
  const limits = { maxBytes, isCommittedOnly };
  const fetched = fetchAll(broker.store, wanted, limits);
  const isEnough = fetched.bytes >= minBytes || fetched.hasError || maxWait <= 0;
  if (isEnough) return reply(version, fetched);
  return waitForMore(request, wanted, limits, minBytes, maxWait);
}

function readTopic({ reader, version, broker }: ApiRequest): WantedTopic {
  const name = version <= 12 ? reader.string() : undefined;
  const id = version >= 13 ? reader.uuid() : '';
  const partitions = reader.array((): WantedPartition => {
    const partition = reader.int32();
    const leaderEpoch = version >= 9 ? reader.int32() : -1;
    const offset = reader.int64();
    if (version >= 12) reader.int32(); // last fetched epoch: only followers diverge
    if (version >= 5) reader.int64(); // log start offset of a follower
    const maxBytes = reader.int32();
    reader.tags();
    return { partition, leaderEpoch, offset, maxBytes };
  });
  reader.tags();
  return { name: name ?? broker.store.topicById(id)?.name, id, partitions };
}

function fetchAll(store: LogStore, wanted: readonly WantedTopic[], limits: Limits): Fetched {
  let bytes = 0;
  let hasError = false;
  const topics = wanted.map((topic) => {
    const partitions = topic.partitions.map((partition) => {
      const fetched = fetchOne(store, topic, partition, limits, limits.maxBytes - bytes, bytes === 0);
      bytes += fetched.bytes;
      if (fetched.errorCode !== 0) hasError = true;
      return fetched;
    });
    return { wanted: topic, partitions };
  });
  return { topics, bytes, hasError };
}

function fetchOne(
  store: LogStore,
  topic: WantedTopic,
  wanted: WantedPartition,
  { isCommittedOnly }: Limits,
  bytesLeft: number,
  isFirst: boolean,
): FetchedPartition {
  const { partition, offset } = wanted;
  const failed = (code: number, log?: PartitionLog): FetchedPartition => ({
    partition,
    errorCode: code,
    log,
    data: empty,
    bytes: 0,
    aborted: null,
  });
  if (topic.name === undefined) return failed(errorCode('UNKNOWN_TOPIC_ID'));
  const log = store.partition(topic.name, partition);
  if (log === undefined) return failed(errorCode('UNKNOWN_TOPIC_OR_PARTITION'));
  if (wanted.leaderEpoch > log.leaderEpoch) return failed(errorCode('UNKNOWN_LEADER_EPOCH'), log);
  const limit = isCommittedOnly ? log.lastStableOffset : log.endOffset;
  try {
    const room = Math.min(wanted.maxBytes, bytesLeft);
    const isInRange = offset >= log.startOffset && offset <= log.endOffset;
    let data = room <= 0 && !isFirst && isInRange ? empty : log.readMany(offset, Math.max(room, 0), limit);
    let bytes = data.reduce((sum, piece) => sum + piece.length, 0);
    // Only the first partition with data may go over the limit, or a large batch would never be seen.
    if (!isFirst && bytes > bytesLeft) {
      data = empty;
      bytes = 0;
    }
    const aborted = isCommittedOnly ? (bytes === 0 ? [] : log.producers.abortedBetween(offset, limit)) : null;
    return { partition, errorCode: 0, log, data, bytes, aborted };
  } catch (error) {
    if (error instanceof KafkaError) return failed(error.errorCode, log);
    throw error;
  }
}

function waitForMore(
  request: ApiRequest,
  wanted: readonly WantedTopic[],
  limits: Limits,
  minBytes: number,
  maxWait: number,
): Promise<Reply> {
  const { store } = request.broker;
  return new Promise((resolve, reject) => {
    const stops: (() => void)[] = [];
    let isQueued = false;
    let isDone = false;
    const finish = (fetched: Fetched): void => {
      isDone = true;
      for (const stop of stops) stop();
      resolve(reply(request.version, fetched));
    };
    const look = (isLate: boolean): void => {
      isQueued = false;
      if (isDone) return;
      try {
        const fetched = fetchAll(store, wanted, limits);
        if (isLate || fetched.bytes >= minBytes || fetched.hasError) finish(fetched);
      } catch (error) {
        isDone = true;
        for (const stop of stops) stop();
        reject(error);
      }
    };
    const wake = (): void => {
      if (isQueued) return;
      isQueued = true;
      setImmediate(look, false);
    };
    const timer = setTimeout(look, maxWait, true);
    stops.push(() => clearTimeout(timer));
    stops.push(request.connection.onClose(() => finish({ topics: [], bytes: 0, hasError: true })));
    for (const topic of wanted) {
      for (const { partition } of topic.partitions) {
        const log = topic.name === undefined ? undefined : store.partition(topic.name, partition);
        if (log !== undefined) stops.push(log.subscribe(wake));
      }
    }
  });
}

function reply(version: number, fetched: Fetched, error = 0): Reply {
  return (writer) => {
    writer.int32(0);
    if (version >= 7) writer.int16(error).int32(0);
    writer.array(fetched.topics, ({ wanted, partitions }) => {
      if (version <= 12) writer.string(wanted.name ?? '');
      else writer.uuid(wanted.id);
      writer.array(partitions, ({ partition, errorCode: code, log, data, aborted }) => {
        writer.int32(partition).int16(code);
        writer.int64(log?.endOffset ?? -1).int64(log?.lastStableOffset ?? -1);
        if (version >= 5) writer.int64(log?.startOffset ?? -1);
        writer.array(aborted, ({ producerId, firstOffset }) => {
          writer.int64(producerId).int64(firstOffset).tags();
        });
        if (version >= 11) writer.int32(-1);
        writer.bytesByReference(data).tags();
      });
      writer.tags();
    });
    writer.tags();
  };
}
