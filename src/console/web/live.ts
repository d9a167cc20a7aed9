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
    message: 'The console is unreachable.',
    hint: 'Check that `paystream console` is still running.',
  },
};

/**
 * Connects an open page to its live events. The connection is closed while the page is hidden. It reopens when the page
 * is visible again or after a failure.
 */
export function useLive(path: string | null, handlers: LiveHandlers): void {
  const latest = useRef(handlers);
  latest.current = handlers;
  const visible = useVisible();
  useEffect(() => {
    if (path === null || !visible) return;
    let source: EventSource;
    let retry: number | undefined;
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
        // The browser reconnects by itself, except after a response that is not an event stream.
        if (source.readyState === EventSource.CLOSED) retry = window.setTimeout(open, 2_000);
      };
    };
    open();
    return () => {
      window.clearTimeout(retry);
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
