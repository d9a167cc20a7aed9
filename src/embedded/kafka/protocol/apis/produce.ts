/**
 * Produce (key 0), versions 3 to 11, flexible from 9. Advertised from 0 (librdkafka reads "no Produce 0" as
 * "no compression"); 0 to 2 are answered with UNSUPPORTED_VERSION.
 *
 * - One record batch of format 2 for a partition, stored as sent; gzip, snappy, lz4, and zstd from 7.
 * - acks 0 gets no answer (on an error the connection is closed, as Kafka does); 1 and -1 are the same here:
 *   the batch is in the page cache, or on disk with fsync, before the answer.
 * - Idempotent producers: repetitions get the offset of the first copy; gaps OUT_OF_ORDER_SEQUENCE_NUMBER;
 *   older epochs INVALID_PRODUCER_EPOCH.
 * - Transactional batches need the partition in an open transaction: INVALID_TXN_STATE (KIP-890, part one).
 * - max.message.bytes, timestamp bounds, keys on compacted topics are enforced; record_errors names the record.
 */

import { errorCode, KafkaError } from '../../errors/error-codes.js';
import type { PartitionLog } from '../../log/partition-log.js';
import { InvalidRecords, validateBatch } from '../../log/validate-batch.js';
import { batchSizeAt, RecordBatch } from '../../records/record-batch.js';
import type { Api, ApiRequest, Reply } from '../api.js';

interface PartitionResult {
  readonly partition: number;
  readonly errorCode: number;
  readonly errorMessage?: string;
  readonly recordErrors?: readonly { readonly index: number; readonly message: string }[];
  readonly baseOffset: number;
  readonly appendTime: number;
  readonly startOffset: number;
}

interface TopicResult {
  readonly name: string;
  readonly partitions: readonly PartitionResult[];
}

const firstServed = 3;

export const produce: Api = {
  key: 0,
  name: 'Produce',
  versions: [0, 11],
  flexibleFrom: 9,
  handle,
};

function handle(request: ApiRequest): Reply {
  const { reader, version } = request;
  const transactionalId = version >= 3 ? reader.nullableString() : null;
  const acks = reader.int16();
  reader.int32(); // timeout: there are no replicas to wait for
  const topics = reader.array(() => {
    const name = reader.string();
    const partitions = reader.array(() => {
      const partition = reader.int32();
      const records = reader.nullableBytes();
      reader.tags();
      return { partition, records };
    });
    reader.tags();
    return { name, partitions };
  });
  const results = topics.map(
    ({ name, partitions }): TopicResult => ({
      name,
      partitions: partitions.map(({ partition, records }) =>
        append(request, transactionalId, acks, name, partition, records),
      ),
    }),
  );
  if (acks === 0) {
    const failed = results.flatMap((topic) => topic.partitions).find((result) => result.errorCode !== 0);
    if (failed !== undefined) {
      throw new KafkaError(
        'INVALID_REQUEST',
        `A batch sent with acks=0 was refused: ${failed.errorMessage ?? failed.errorCode}`,
      );
    }
    return null;
  }
  return (writer) => {
    writer.array(results, (topic) => {
      writer.string(topic.name).array(topic.partitions, (result) => {
        writer.int32(result.partition).int16(result.errorCode).int64(result.baseOffset);
        if (version >= 2) writer.int64(result.appendTime);
        if (version >= 5) writer.int64(result.startOffset);
        if (version >= 8) {
          writer.array(result.recordErrors ?? [], (error) => {
            writer.int32(error.index).string(error.message).tags();
          });
          writer.string(result.errorMessage ?? null);
        }
        writer.tags();
      });
      writer.tags();
    });
    if (version >= 1) writer.int32(0);
    writer.tags();
  };
}

function append(
  { broker, version, clientId }: ApiRequest,
  transactionalId: string | null,
  acks: number,
  topic: string,
  partition: number,
  records: Buffer | null,
): PartitionResult {
  try {
    if (version < firstServed) throw new KafkaError('UNSUPPORTED_VERSION');
    if (acks < -1 || acks > 1) throw new KafkaError('INVALID_REQUIRED_ACKS');
    const log = broker.store.partition(topic, partition);
    if (log === undefined) throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION');
    if (broker.store.topic(topic)!.isInternal && clientId !== '__admin_client') {
      throw new KafkaError('INVALID_TOPIC_EXCEPTION', `Topic ${topic} is internal`);
    }
    if (records === null || records.length === 0) return result(partition, -1, -1, log);
    const bytes = validateBatch(records, log.configs, version, Date.now());
    const batch = new RecordBatch(bytes, 0, batchSizeAt(bytes, 0));
    if (batch.isTransactional) {
      broker.transactions.checkProduce(
        transactionalId,
        batch.producerId,
        batch.producerEpoch,
        topic,
        partition,
      );
    }
    const earlier = log.producers.check(batch);
    if (earlier !== undefined) return result(partition, earlier, -1, log);
    const offset = log.append(bytes, true);
    return result(partition, offset, log.configs.usesAppendTime ? batch.maxTimestamp : -1, log);
  } catch (error) {
    return refused(partition, error, broker.log);
  }
}

function result(
  partition: number,
  baseOffset: number,
  appendTime: number,
  log: PartitionLog,
): PartitionResult {
  return { partition, errorCode: 0, baseOffset, appendTime, startOffset: log.startOffset };
}

function refused(partition: number, error: unknown, log: ApiRequest['broker']['log']): PartitionResult {
  const known = error instanceof KafkaError ? error : undefined;
  if (known === undefined) log('error', `A batch could not be written: ${String(error)}`);
  return {
    partition,
    errorCode: known?.errorCode ?? errorCode('KAFKA_STORAGE_ERROR'),
    errorMessage: error instanceof Error ? error.message : String(error),
    recordErrors: error instanceof InvalidRecords ? error.records : [],
    baseOffset: -1,
    appendTime: -1,
    startOffset: -1,
  };
}
