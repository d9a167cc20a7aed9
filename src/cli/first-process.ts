import { constants } from 'node:os';

/**
 * Gives the first process of a container the habit that every other process has: to end on SIGTERM and SIGINT where
 * nothing else listens. For process 1 Linux drops signals without a listener, so it would have to be killed
 * (https://man7.org/linux/man-pages/man7/pid_namespaces.7.html). The exit code is the shell's: 128 and the signal.
 */
export function endOnSignals(): void {
  if (process.pid !== 1) return;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // A command that listens itself has its own way to end; it stops listening at its first signal.
      if (process.listenerCount(signal) === 1) process.exit(128 + constants.signals[signal]);
    });
  }
}
