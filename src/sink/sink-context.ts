import type { Store } from '../store/index.js';
import type { SinkLogger } from './logger.js';
import type { SinkMetrics } from './sink-metrics.js';
import type { OnGap, OnRecreated } from './sink-options.js';
import type { SinkState } from './sink-state.js';
import type { StoreRetry } from './store-retry.js';

/** What the parts of one sink share. */
export interface SinkContext {
  readonly store: Store;
  readonly groupId: string;
  readonly topic: string;
  readonly onGap: OnGap;
  readonly onRecreated: OnRecreated;
  readonly deadLetterTopic: string | undefined;
  readonly logger: SinkLogger;
  readonly metrics: SinkMetrics;
  readonly state: SinkState;
  readonly retry: StoreRetry;
  /** Aborted when a batch that is still being written must be rolled back. */
  readonly rollbackSignal: AbortSignal;
}
