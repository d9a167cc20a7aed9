import type { KafkaConnection } from '../kafka/connection.js';
import type { Store } from '../store/index.js';
import type { SinkLogger } from './logger.js';

/** What to do when the broker no longer has the next offset of the store. */
export type OnGap = 'fail' | 'skip';

/** What to do when the topic was deleted and created again since its offset was stored. */
export type OnRecreated = 'fail' | 'rebuild';

export interface SinkHttpOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** 127.0.0.1 by default. */
  readonly host?: string;
  /** Required as `Authorization: Bearer <token>` by every endpoint except the health checks. */
  readonly token?: string;
}

export interface SinkOptions extends KafkaConnection {
  /** The store to write to. The caller closes it. */
  readonly store: Store;
  /** The consumer group. The store keeps the offsets under the same name. */
  readonly groupId: string;
  /** PAYMENT-TRX-AGGR by default. */
  readonly topic?: string;
  readonly clientId?: string;
  /** `fail` (default): the sink fails with SINK_OFFSET_GONE. `skip`: it resumes at the first offset available. */
  readonly onGap?: OnGap;
  /** `fail` (default): the sink fails with SINK_TOPIC_RECREATED. `rebuild`: it reads the new topic from its beginning. */
  readonly onRecreated?: OnRecreated;
  /** Whether to apply missing schema files at startup (default: false, a missing one is fatal). */
  readonly migrate?: boolean;
  /** Serves health, metrics and customers' payments. */
  readonly http?: SinkHttpOptions;
  /** A topic for notices of dead letters: position and reason, never the record. */
  readonly deadLetterTopic?: string;
  /** Silent by default. */
  readonly logger?: SinkLogger;
  /** How many partitions are written concurrently (default: 4 on PostgreSQL; 1 on PGlite, which has one session). */
  readonly concurrency?: number;
  /** The group reassigns the partitions after this long without a heartbeat (default: 10 s). */
  readonly sessionTimeoutMs?: number;
  /** The sink is not ready after this long with lag but no progress (default: 30 s). */
  readonly notReadyAfterMs?: number;
  /** A consumer is replaced after this long with lag but no progress (default: 60 s). */
  readonly stalledAfterMs?: number;
  /**
   * Consumer restarts in a row, without a stored record, before the sink fails (default: 20). Restarts because of
   * unreachable brokers or a missing topic do not count.
   */
  readonly maxRestarts?: number;
}
