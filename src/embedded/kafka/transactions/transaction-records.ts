import { Reader } from '../records/reader.js';
import { Writer } from '../records/writer.js';

export const transactionStates = [
  'Empty',
  'Ongoing',
  'PrepareCommit',
  'PrepareAbort',
  'CompleteCommit',
  'CompleteAbort',
  'Dead',
  'PrepareEpochFence',
] as const;
export type TransactionState = (typeof transactionStates)[number];

/** A transactional id's record in `__transaction_state`, in Kafka's format (key and value version 0). */
export interface SavedTransaction {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly timeoutMs: number;
  readonly state: TransactionState;
  readonly partitions: readonly { readonly topic: string; readonly partitions: readonly number[] }[];
  readonly updatedAt: number;
  readonly startedAt: number;
}

export function encodeTransactionKey(transactionalId: string): Buffer {
  return Buffer.concat(new Writer(false).int16(0).string(transactionalId).finish());
}

export function encodeTransactionValue(saved: SavedTransaction): Buffer {
  const writer = new Writer(false).int16(0).int64(saved.producerId).int16(saved.producerEpoch);
  writer.int32(saved.timeoutMs).int8(transactionStates.indexOf(saved.state));
  writer.array(saved.partitions.length === 0 ? null : saved.partitions, ({ topic, partitions }) => {
    writer.string(topic).array(partitions, (partition) => writer.int32(partition));
  });
  return Buffer.concat(writer.int64(saved.updatedAt).int64(saved.startedAt).finish());
}

export function decodeTransactionKey(key: Buffer): string {
  return new Reader(key, 2, false).string();
}

export function decodeTransactionValue(value: Buffer): SavedTransaction {
  const reader = new Reader(value, 2, false);
  return {
    producerId: reader.int64(),
    producerEpoch: reader.int16(),
    timeoutMs: reader.int32(),
    state: transactionStates[reader.int8()] ?? 'Empty',
    partitions: reader.array(() => ({
      topic: reader.string(),
      partitions: reader.array(() => reader.int32()),
    })),
    updatedAt: reader.int64(),
    startedAt: reader.int64(),
  };
}
