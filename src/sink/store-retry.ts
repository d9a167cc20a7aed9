import { delay } from '../kafka/wait.js';
import { classifyStoreFailure, describeStoreFailure, fatalStoreError, type Store } from '../store/index.js';
import { backoffMs } from './backoff.js';
import { BatchAbandoned } from './batch-abandoned.js';
import type { SinkLogger } from './logger.js';
import type { SinkMetrics } from './sink-metrics.js';
import type { SinkState } from './sink-state.js';

export interface StoreRetry {
  /**
   * Retries work until it succeeds. Rejects with a failure that no retry can fix (fatal, bad data), and with
   * BatchAbandoned when the sink stops or `isWanted` returns false.
   *
   * @param what names the work in logs and in `/readyz`
   */
  run<T>(what: string, work: () => Promise<T>, isWanted: () => boolean): Promise<T>;
}

/** Creates the retry of store operations: without limit, but logged, counted and listed in `state.troubles`. */
export function createStoreRetry(
  store: Store,
  logger: SinkLogger,
  metrics: SinkMetrics,
  { troubles, signal }: Pick<SinkState, 'troubles' | 'signal'>,
): StoreRetry {
  return {
    async run(what, work, isWanted) {
      for (let attempt = 0; ; attempt++) {
        try {
          const result = await work();
          if (troubles.delete(what)) logger.info(`${what}: works again`, { tries: attempt + 1 });
          return result;
        } catch (error) {
          // The partition was reassigned in the meantime. That is not a failure of the store.
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
          logger.warn(`${what}: failed, will retry`, {
            reason,
            attempt: attempt + 1,
            waitMs: Math.round(waitMs),
          });
          await delay(waitMs, signal);
          if (signal.aborted || !isWanted()) {
            troubles.delete(what);
            throw new BatchAbandoned();
          }
        }
      }
    },
  };
}
