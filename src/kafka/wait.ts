/** Waits, or returns at once when the signal is aborted. */
export function delay(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end, { once: true });
  });
}

/** Waits until the work succeeds or fails, but for at most `ms` milliseconds. Never rejects. */
export async function withTimeout(work: Promise<unknown>, ms: number): Promise<void> {
  await withDeadline(work, ms, '').catch(() => undefined);
}

/** Returns the result of the work, or rejects with the message after `ms` milliseconds. */
export async function withDeadline<T>(work: Promise<T>, ms: number, message: string): Promise<T> {
  const timer = new AbortController();
  const expired = delay(ms, timer.signal).then((): never => {
    throw new Error(message);
  });
  try {
    return await Promise.race([work, expired]);
  } finally {
    timer.abort();
  }
}
