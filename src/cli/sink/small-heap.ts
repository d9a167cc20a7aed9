import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the heap close to the size of its live objects. By default, V8 lets a steady consumer of short-lived records
 * grow to several times what it needs. V8 reads both flags at each collection, so setting them at runtime works. A
 * version of V8 without them ignores them.
 */
export function keepHeapSmall(): void {
  // Keep the young generation small: a batch is garbage once it is stored.
  setFlagsFromString('--semi-space-growth-factor=1');
  // Start a full collection once the old generation has grown by 20%.
  setFlagsFromString('--heap-growing-percent=20');
}
