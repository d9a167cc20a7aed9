import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { RunRequest } from '../../wire.js';
import { errorOf, run } from '../api.js';
import { RunState } from './run-state.js';

/** Minimum time between two renders. Nobody reads faster. */
const DRAW_MS = 100;

export interface Run {
  readonly state: RunState | undefined;
  readonly running: boolean;
  readonly paused: boolean;
  /** Rows received since the pause. */
  readonly waiting: number;
  start(request: RunRequest): void;
  stop(): void;
  setPaused(paused: boolean): void;
}

/** Runs one script at a time. While paused, it still receives rows but does not render them. */
export function useRun(onEnd: (state: RunState) => void): Run {
  const [, draw] = useState(0);
  const [paused, setPaused] = useState(false);
  const state = useRef<RunState | undefined>(undefined);
  const abort = useRef<AbortController | undefined>(undefined);
  const timer = useRef<number | undefined>(undefined);
  const pausedNow = useRef(false);
  const pausedAt = useRef(0);

  const soon = useCallback(() => {
    timer.current ??= window.setTimeout(() => {
      timer.current = undefined;
      requestAnimationFrame(() => draw((n) => n + 1));
    }, DRAW_MS);
  }, []);
  const total = () => state.current?.results.at(-1)?.buffer?.total ?? 0;

  const stop = useCallback(() => {
    abort.current?.abort();
    const now = state.current;
    if (now !== undefined && now.endedAt === undefined) {
      now.endedAt = Date.now();
      now.stopped = true;
    }
    soon();
  }, [soon]);

  const start = useCallback(
    (request: RunRequest) => {
      abort.current?.abort();
      const mine = new AbortController();
      abort.current = mine;
      const fresh = new RunState();
      state.current = fresh;
      pausedNow.current = false;
      setPaused(false);
      soon();
      run(
        request,
        (event) => {
          if (mine.signal.aborted) return;
          fresh.apply(event);
          soon();
        },
        mine.signal,
      )
        .catch((error: unknown) => {
          if (!mine.signal.aborted) fresh.fail(errorOf(error));
        })
        .finally(() => {
          soon();
          if (!mine.signal.aborted) onEnd(fresh);
        });
    },
    [onEnd, soon],
  );

  // Leaving the page also ends its query on the server.
  useEffect(
    () => () => {
      abort.current?.abort();
      window.clearTimeout(timer.current);
    },
    [],
  );
  return {
    state: state.current,
    running: state.current !== undefined && state.current.endedAt === undefined,
    paused,
    waiting: paused ? total() - pausedAt.current : 0,
    start,
    stop,
    setPaused: (wanted) => {
      pausedNow.current = wanted;
      pausedAt.current = total();
      setPaused(wanted);
    },
  };
}
