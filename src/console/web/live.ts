import { useEffect, useRef, useState } from 'preact/hooks';
import type { ConsoleStatus, LiveEvents } from '../wire.js';

export type LiveHandlers = { readonly [K in keyof LiveEvents]?: (data: LiveEvents[K]) => void };

const NAMES: readonly (keyof LiveEvents)[] = [
  'status',
  'topology',
  'history',
  'customer',
  'freshness',
  'storeError',
  'rejected',
  'rejectedError',
];

const LOST: ConsoleStatus = {
  state: 'down',
  error: {
    code: 'CONSOLE_UNREACHABLE',
    message: 'The console itself does not answer.',
    hint: 'Is `paystream console` still running?',
  },
};

/**
 * One connection for what an open page shows live. It ends while the page is hidden, and is made anew by itself when it
 * breaks or the page is back.
 */
export function useLive(path: string | null, handlers: LiveHandlers): void {
  const latest = useRef(handlers);
  latest.current = handlers;
  const visible = useVisible();
  useEffect(() => {
    if (path === null || !visible) return;
    let source: EventSource;
    let again: number | undefined;
    const open = () => {
      source = new EventSource(path);
      for (const name of NAMES) {
        source.addEventListener(name, (event) => {
          const handler = latest.current[name] as ((data: unknown) => void) | undefined;
          handler?.(JSON.parse((event as MessageEvent<string>).data));
        });
      }
      source.onerror = () => {
        latest.current.status?.(LOST);
        // The browser tries again by itself, except after an answer that is no stream.
        if (source.readyState === EventSource.CLOSED) again = window.setTimeout(open, 2_000);
      };
    };
    open();
    return () => {
      window.clearTimeout(again);
      source.close();
    };
  }, [path, visible]);
}

function useVisible(): boolean {
  const [visible, setVisible] = useState(!document.hidden);
  useEffect(() => {
    const onChange = () => setVisible(!document.hidden);
    document.addEventListener('visibilitychange', onChange);
    return () => document.removeEventListener('visibilitychange', onChange);
  }, []);
  return visible;
}
