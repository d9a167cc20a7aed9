import type { KafkaConnection } from '../kafka/connection.js';
import type { Store } from '../store/index.js';
import type { SinkLogger } from './logger.js';

/** What to do when the broker no longer has the offset at which the store stands. */
export type OnGap = 'fail' | 'skip';

export interface SinkHttpOptions {
  /** 0 takes any free port. */
  readonly port: number;
  /** 127.0.0.1 by default. */
  readonly host?: string;
  /** Asked for (as `Authorization: Bearer <token>`) by everything but the health checks. */
  readonly token?: string;
}

export interface SinkOptions extends KafkaConnection {
  /** The store to write; it is not closed by the sink. */
  readonly store: Store;
  /** Kafka's consumer group, and the name under which the store keeps the offsets. */
  readonly groupId: string;
  /** PAYMENT-TRX-AGGR by default. */
  readonly topic?: string;
  readonly clientId?: string;
  /** `fail` by default: the sink ends with SINK_OFFSET_GONE. `skip` goes on with what the broker has. */
  readonly onGap?: OnGap;
  /** Applies the store's schema at the start; else a missing one is a fatal error. */
  readonly migrate?: boolean;
  /** Serves health, metrics and customers' payments. */
  readonly http?: SinkHttpOptions;
  /** Where a notice of each dead letter goes as well: position and reason, never the record. */
  readonly deadLetterTopic?: string;
  /** Silent by default. */
  readonly logger?: SinkLogger;
  /** Partitions written side by side. 4 on PostgreSQL, 1 on PGlite, which has one session. */
  readonly concurrency?: number;
  /** After this long without a sign of life the group gives the partitions to others. 10 s by default. */
  readonly sessionTimeoutMs?: number;
  /** Not ready when there has been lag, and nothing written, for this long. 30 s by default. */
  readonly notReadyAfterMs?: number;
  /** A consumer that sits idle beside lag for this long is made anew. 60 s by default. */
  readonly stalledAfterMs?: number;
  /**
   * Consumers made anew, without one record written in between, before the sink gives up. 20 by default. Those that
   * ended because no broker answered do not count.
   */
  readonly maxRestarts?: number;
}
