import type { RecordHeader } from '../../kafka/records/record-batch.js';

/** A record that a query writes to its sink topic. */
export interface OutputRecord {
  readonly partition: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly timestamp: number;
  readonly headers: readonly RecordHeader[];
}
