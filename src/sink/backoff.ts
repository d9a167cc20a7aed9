const FIRST_MS = 50;
const LONGEST_MS = 5_000;

/** Milliseconds before the next try: doubling, at most 5 s, with jitter so that many sinks do not try at once. */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  return ceiling / 2 + (random() * ceiling) / 2;
}

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

/** Waits for something to settle, either way, but no longer than `ms`. */
export async function settled(work: Promise<unknown>, ms: number): Promise<void> {
  const patience = new AbortController();
  await Promise.race([
    work.then(
      () => undefined,
      () => undefined,
    ),
    delay(ms, patience.signal),
  ]);
  patience.abort();
}
