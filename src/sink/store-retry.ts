import { delay } from '../kafka/wait.js';
import { classifyStoreFailure, describeStoreFailure, fatalStoreError, type Store } from '../store/index.js';
import { backoffMs } from './backoff.js';
import type { SinkLogger } from './logger.js';
import { BatchAbandoned } from './sink-context.js';
import type { SinkMetrics } from './sink-metrics.js';

export interface StoreRetry {
  /** What is being tried again now, and why. */
  readonly troubles: ReadonlyMap<string, string>;
  /**
   * Runs something until it works. Rejects with what can never work (fatal, bad data), or with BatchAbandoned when
   * the sink stops or `goOn` says no.
   */
  run<T>(what: string, work: () => Promise<T>, goOn: () => boolean): Promise<T>;
}

/** Tries again, without end but visibly, what may work later. */
export function createStoreRetry(
  store: Store,
  logger: SinkLogger,
  metrics: SinkMetrics,
  signal: AbortSignal,
): StoreRetry {
  const troubles = new Map<string, string>();
  return {
    troubles,
    async run(what, work, goOn) {
      for (let attempt = 0; ; attempt++) {
        try {
          const result = await work();
          if (troubles.delete(what)) logger.info(`${what}: works again`, { tries: attempt + 1 });
          return result;
        } catch (error) {
          // The partition has gone to another sink meanwhile: no failure of the store.
          if (error instanceof BatchAbandoned) {
            troubles.delete(what);
            throw error;
          }
          const kind = classifyStoreFailure(error);
          if (kind !== 'retry') {
            troubles.delete(what);
            throw kind === 'fatal' ? fatalStoreError(error, store.address) : error;
          }
          const waitMs = backoffMs(attempt);
          const reason = describeStoreFailure(error);
          metrics.retries.inc();
          troubles.set(what, reason);
          logger.warn(`${what}: failed, will try again`, {
            reason,
            attempt: attempt + 1,
            waitMs: Math.round(waitMs),
          });
          await delay(waitMs, signal);
          if (signal.aborted || !goOn()) {
            troubles.delete(what);
            throw new BatchAbandoned();
          }
        }
      }
    },
  };
}
