import { setTimeout as sleep } from 'node:timers/promises';
import { isFenced, KsqldbError } from './ksqldb-error.js';

export interface RetryOptions<T> {
  /** Milliseconds until the last error is thrown; the default is 30 s. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Looks at the server after an error. A value other than undefined is the result; no further attempt follows. */
  readonly settle?: (error: unknown) => Promise<T | undefined>;
  /** Which errors are retried, instead of those that `isFenced` recognizes. */
  readonly isRetryable?: (error: unknown) => boolean;
}

/**
 * Runs an attempt again while statements of other clients fence its own.
 *
 * ksqlDB sends the same message if the server may not write its command topic, so the retries end after
 * `timeoutMs`. Throws the error of the last attempt then, with a hint, and an AbortError if the signal aborts.
 */
export async function retryFenced<T>(attempt: () => Promise<T>, options: RetryOptions<T> = {}): Promise<T> {
  const { timeoutMs = 30_000, signal, settle, isRetryable = isFenced } = options;
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      const result = await settle?.(error);
      if (result !== undefined) return result;
      if (!isRetryable(error)) throw error;
      if (Date.now() > deadline) throw isFenced(error) ? stillFenced(error, timeoutMs) : error;
    }
    // Random, so that clients that collided once do not collide again.
    await sleep(50 + Math.random() * 250, undefined, { signal });
  }
}

function stillFenced(error: KsqldbError, timeoutMs: number): KsqldbError {
  return new KsqldbError(error.code, error.message, {
    where: error.where,
    errorCode: error.errorCode,
    httpStatus: error.httpStatus,
    statementText: error.statementText,
    hint: `The server refused the statement for ${timeoutMs / 1_000} s. Check that it may write to its command topic.`,
    cause: error,
  });
}
