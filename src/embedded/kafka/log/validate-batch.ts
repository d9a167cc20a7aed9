import { KafkaError, type KafkaErrorName } from '../errors/error-codes.js';
import { compressionTypes } from '../records/codecs.js';
import { encodeBatch, type RecordToEncode } from '../records/encode-batch.js';
import { attributeBits, batchLayout, batchLogOverhead, RecordBatch } from '../records/record-batch.js';
import type { TopicConfigs } from './topic-configs.js';

/** A batch is rejected because of some of its records (KIP-467). */
export class InvalidRecords extends KafkaError {
  readonly records: readonly { readonly index: number; readonly message: string }[];

  constructor(
    name: 'INVALID_RECORD' | 'INVALID_TIMESTAMP',
    message: string,
    records: readonly { readonly index: number; readonly message: string }[],
  ) {
    super(name, message);
    this.records = records;
  }
}

const mostErrorsNamed = 10;

/**
 * Checks what a client wants appended as Kafka's LogValidator does: exactly one batch of format 2, whole,
 * with a right checksum, no larger than max.message.bytes, not a control batch, its records readable and
 * numbered 0, 1, 2..., timestamps within the topic's bounds, and keys where the topic is compacted.
 *
 * Returns the batch to append: the one sent, or one packed anew if the topic names a codec of its own.
 * Throws KafkaError (CORRUPT_MESSAGE, MESSAGE_TOO_LARGE, INVALID_RECORD, ...).
 */
export function validateBatch(bytes: Buffer, configs: TopicConfigs, apiVersion: number, now: number): Buffer {
  if (bytes.length < batchLayout.records) refuse('CORRUPT_MESSAGE', 'The batch is shorter than its header');
  if (bytes[batchLayout.magic] !== 2) {
    refuse('UNSUPPORTED_FOR_MESSAGE_FORMAT', 'Only record batches of format 2 are accepted');
  }
  const size = batchLogOverhead + bytes.readInt32BE(batchLayout.length);
  if (size < batchLayout.records || size > bytes.length) {
    refuse('CORRUPT_MESSAGE', `The batch says it has ${size} bytes, ${bytes.length} were sent`);
  }
  if (size < bytes.length) {
    refuse('INVALID_RECORD', 'A produce request holds exactly one record batch for a partition');
  }
  if (size > configs.maxMessageBytes) {
    refuse(
      'MESSAGE_TOO_LARGE',
      `The record batch has ${size} bytes, max.message.bytes of the topic is ${configs.maxMessageBytes}`,
    );
  }
  const batch = new RecordBatch(bytes, 0, size);
  if (!batch.isIntact()) refuse('CORRUPT_MESSAGE', 'The checksum of the record batch is wrong');
  if (batch.isControl) refuse('INVALID_RECORD', 'Clients are not allowed to write control records');
  checkHeader(batch, apiVersion);
  checkRecords(batch, configs, now);
  return repackIfNeeded(batch, bytes, configs);
}

function checkHeader(batch: RecordBatch, apiVersion: number): void {
  if (batch.recordCount <= 0 || batch.lastOffsetDelta !== batch.recordCount - 1) {
    refuse(
      'INVALID_RECORD',
      `The batch counts ${batch.recordCount} records up to delta ${batch.lastOffsetDelta}`,
    );
  }
  if (batch.compression === 'zstd' && apiVersion < 7) {
    refuse('UNSUPPORTED_COMPRESSION_TYPE', 'zstd needs Produce version 7 or later');
  }
  if (batch.producerId >= 0 && batch.baseSequence < 0) {
    refuse('INVALID_RECORD', 'A batch of an idempotent producer needs a sequence');
  }
  if (batch.isTransactional && batch.producerId < 0) {
    refuse('INVALID_RECORD', 'A transactional batch needs a producer id');
  }
}

function checkRecords(batch: RecordBatch, configs: TopicConfigs, now: number): void {
  const errors: { index: number; message: string }[] = [];
  const earliest = now - configs.timestampBeforeMaxMs;
  const latest = now + configs.timestampAfterMaxMs;
  const checksTime = !configs.usesAppendTime;
  let index = 0;
  let timeIsWrong = false;
  const base = batch.baseOffset;
  batch.forEachRecordRange((offset, timestamp, _data, keyStart) => {
    if (offset - base !== index) {
      errors.push({ index, message: 'The offset of the record in its batch is not the next one' });
    } else if (configs.isCompacted && keyStart < 0) {
      errors.push({ index, message: 'Compacted topic cannot accept message without key' });
    } else if (checksTime && timestamp >= 0 && (timestamp < earliest || timestamp > latest)) {
      timeIsWrong = true;
      errors.push({ index, message: `Timestamp ${timestamp} of the record is out of the topic's range` });
    }
    index++;
  });
  if (errors.length === 0) return;
  throw new InvalidRecords(
    timeIsWrong ? 'INVALID_TIMESTAMP' : 'INVALID_RECORD',
    timeIsWrong
      ? 'One or more records have been rejected due to invalid timestamp'
      : 'One or more records have been rejected',
    errors.slice(0, mostErrorsNamed),
  );
}

function repackIfNeeded(batch: RecordBatch, bytes: Buffer, configs: TopicConfigs): Buffer {
  const wanted = configs.get('compression.type')!;
  if (wanted === 'producer') return bytes;
  const codec = wanted === 'uncompressed' ? 'none' : compressionTypes.find((type) => type === wanted)!;
  if (codec === batch.compression) return bytes;
  const records: RecordToEncode[] = [];
  batch.forEachRecord((_offset, timestamp, key, value, headers) => {
    records.push({ key, value, timestamp, headers });
  });
  return encodeBatch(records, {
    compression: codec,
    isTransactional: (batch.attributes & attributeBits.transactional) !== 0,
    producerId: batch.producerId,
    producerEpoch: batch.producerEpoch,
    baseSequence: batch.baseSequence,
  });
}

function refuse(name: KafkaErrorName, message: string): never {
  throw new KafkaError(name, message);
}
