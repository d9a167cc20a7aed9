import { setFlagsFromString } from 'node:v8';

/**
 * Keeps the heap near what is alive in it. V8 sizes its generations for a process that has the machine to itself and
 * lets a steady consumer of short-lived records grow to several times what it needs. Both flags are read at each
 * collection, so they count although the heap exists; a V8 without them ignores them.
 */
export function keepHeapSmall(): void {
  // The young generation stays at its first size: a batch is garbage as soon as it is stored.
  setFlagsFromString('--semi-space-growth-factor=1');
  // The next full collection comes when the old generation has grown by a fifth since the last.
  setFlagsFromString('--heap-growing-percent=20');
}
