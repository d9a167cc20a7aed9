const FIRST_MS = 50;
const LONGEST_MS = 5_000;

/**
 * Returns the milliseconds to wait before a retry. The delay doubles up to 5 s, with jitter so that many sinks do
 * not retry at the same moment.
 */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  return ceiling / 2 + (random() * ceiling) / 2;
}
