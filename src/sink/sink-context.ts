import type { Store } from '../store/index.js';
import type { SinkLogger } from './logger.js';
import type { Partitions } from './partitions.js';
import type { SinkMetrics } from './sink-metrics.js';
import type { OnGap } from './sink-options.js';
import type { StoreRetry } from './store-retry.js';

/** What the parts of one sink share. */
export interface SinkContext {
  readonly store: Store;
  readonly groupId: string;
  readonly topic: string;
  readonly onGap: OnGap;
  readonly deadLetterTopic: string | undefined;
  readonly logger: SinkLogger;
  readonly metrics: SinkMetrics;
  readonly partitions: Partitions;
  readonly retry: StoreRetry;
  /** Aborted when the sink stops or has failed. */
  readonly signal: AbortSignal;
  /** Aborted when a batch that is still being written then must be rolled back. */
  readonly cut: AbortSignal;
  readonly totals: { records: number; deadLetters: number; tombstones: number; restarts: number };
}

/** Thrown to leave a batch that is not to be written any more; nothing has gone wrong. */
export class BatchAbandoned extends Error {}
