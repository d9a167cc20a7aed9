import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Runs an action with a signal that aborts on the first SIGINT or SIGTERM. A second one ends the process, which is
 * Node's default once the listener is gone.
 */
export async function withStopSignal<T>(
  action: (signal: AbortSignal) => Promise<T>,
  onStop: () => void = () => undefined,
): Promise<T> {
  const stopped = new AbortController();
  const stop = () => {
    onStop();
    stopped.abort();
  };
  for (const name of SIGNALS) process.once(name, stop);
  try {
    return await action(stopped.signal);
  } finally {
    for (const name of SIGNALS) process.off(name, stop);
  }
}

/** Resolves once the signal is aborted. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

/**
 * Makes the first process of a container end on SIGTERM and SIGINT, as every other process does. Linux ignores a
 * signal for process 1 unless it has a listener, so the process would have to be killed
 * (https://man7.org/linux/man-pages/man7/pid_namespaces.7.html). The exit code is 128 plus the signal, as in a shell.
 */
export function endOnSignals(): void {
  if (process.pid !== 1) return;
  for (const name of SIGNALS) {
    process.on(name, () => {
      // A command with its own listener stops in its own way and removes that listener at the first signal.
      if (process.listenerCount(name) === 1) process.exit(128 + constants.signals[name]);
    });
  }
}
