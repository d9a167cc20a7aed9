import type { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import { KsqldbError } from '../ksqldb/ksqldb-error.js';
import { type HeldLock, type LockOptions, takeLock } from './migration-lock.js';

export interface WithLockOptions extends LockOptions {
  /** Delete the lock's topic as well when the action ends. */
  readonly deleteTopic?: boolean;
}

/** Takes the lock, runs an action, and releases the lock however the action ends. Throws MIGRATION_LOCKED. */
export async function withLock<T>(
  client: KsqldbClient,
  options: WithLockOptions,
  action: (lock: HeldLock) => Promise<T>,
): Promise<T> {
  const lock = await takeLock(client, options);
  try {
    return await action(lock);
  } finally {
    await lock.release(options.deleteTopic).catch((error: unknown) => {
      // A lock that cannot be released must not hide the error of the action. The next run reports a stale lock.
      if (!(error instanceof KsqldbError)) throw error;
    });
  }
}
