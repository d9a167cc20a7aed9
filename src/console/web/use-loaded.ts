import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { WireError } from '../wire.js';
import { errorOf, get } from './api.js';

export interface Loaded<T> {
  readonly data: T | undefined;
  readonly error: WireError | undefined;
  readonly busy: boolean;
  /** When `data` was received, in epoch milliseconds. */
  readonly at: number | undefined;
  reload(): void;
}

/** Loads a path, and reloads it every `everyMs` while the page is visible. Keeps the last data after an error. */
export function useLoaded<T>(path: string | null, everyMs?: number): Loaded<T> {
  const [state, setState] = useState<Omit<Loaded<T>, 'reload'>>({
    data: undefined,
    error: undefined,
    busy: path !== null,
    at: undefined,
  });
  const running = useRef<AbortController | undefined>(undefined);
  const reload = useCallback(() => {
    if (path === null) return;
    running.current?.abort();
    const abort = new AbortController();
    running.current = abort;
    setState((before) => ({ ...before, busy: true }));
    get<T>(path, abort.signal).then(
      (data) => setState({ data, error: undefined, busy: false, at: Date.now() }),
      (error: unknown) => {
        if (!abort.signal.aborted) setState((before) => ({ ...before, error: errorOf(error), busy: false }));
      },
    );
  }, [path]);
  useEffect(() => {
    setState({ data: undefined, error: undefined, busy: path !== null, at: undefined });
    reload();
    const timer =
      everyMs === undefined ? undefined : window.setInterval(() => document.hidden || reload(), everyMs);
    return () => {
      window.clearInterval(timer);
      running.current?.abort();
    };
  }, [path, everyMs, reload]);
  return { ...state, reload };
}
