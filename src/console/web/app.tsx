import type { ComponentType } from 'preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ConsoleInfo, ConsoleStatus, RatePoint, Topology } from '../wire.js';
import { ApiError, get, login } from './api.js';
import { type LiveHandlers, useLive } from './live.js';
import { ErrorBox, Icon, type IconName } from './parts.js';
import { nextTheme, useTheme } from './theme.js';

/** What every page is given. */
export interface PageProps {
  readonly info: ConsoleInfo;
  readonly status: ConsoleStatus;
  readonly topology: Topology | undefined;
  readonly history: readonly RatePoint[];
  /** Adds to the live connection what this page shows; null ends it. */
  readonly watch: (query: string, handlers: LiveHandlers) => void;
  /** Opens another page, with a statement for the editor. */
  readonly open: (path: string, sql?: string) => void;
  /** The statement that `open` was given. */
  readonly handed: string | undefined;
}

interface Page {
  readonly path: string;
  readonly name: string;
  readonly icon: IconName;
  readonly load: () => Promise<{ readonly Page: ComponentType<PageProps> }>;
}

const PAGES: readonly Page[] = [
  { path: '/', name: 'Topology', icon: 'topology', load: () => import('./topology/topology-page.js') },
  { path: '/query', name: 'Query', icon: 'query', load: () => import('./query/query-page.js') },
  {
    path: '/payments',
    name: 'Payments',
    icon: 'payments',
    load: () => import('./payments/payments-page.js'),
  },
  { path: '/migrations', name: 'Migrations', icon: 'migrations', load: () => import('./migrations-page.js') },
  { path: '/health', name: 'Health', icon: 'health', load: () => import('./health-page.js') },
];

const HISTORY = 300;
const loaded = new Map<string, ComponentType<PageProps>>();

export function App() {
  const [path, setPath] = useState(location.pathname);
  const [handed, setHanded] = useState<string>();
  const page = PAGES.find((known) => known.path === path) ?? (PAGES[0] as Page);
  const info = useInfo();
  const main = useRef<HTMLElement>(null);

  const open = useCallback((to: string, sql?: string) => {
    if (location.pathname !== to) history.pushState(null, '', to);
    setHanded(sql);
    setPath(to);
  }, []);
  useEffect(() => {
    const onPop = () => setPath(location.pathname);
    addEventListener('popstate', onPop);
    return () => removeEventListener('popstate', onPop);
  }, []);
  useEffect(() => {
    document.title = `${page.name} · Paystream`;
  }, [page]);

  const [extra, setExtra] = useState<{ readonly query: string; readonly handlers: LiveHandlers }>();
  const watch = useCallback((query: string, handlers: LiveHandlers) => setExtra({ query, handlers }), []);
  useEffect(() => () => setExtra(undefined), [page]);
  const [status, setStatus] = useState<ConsoleStatus>({ state: 'connecting' });
  const [topology, setTopology] = useState<Topology>();
  const [rates, setRates] = useState<readonly RatePoint[]>([]);
  useLive(info.data === undefined ? null : `/api/live?${extra?.query ?? ''}`, {
    ...extra?.handlers,
    status: setStatus,
    history: setRates,
    topology: (now) => {
      setTopology(now);
      const known = now.queries.filter((query) => query.rate !== null);
      const point = { at: now.at, rates: Object.fromEntries(known.map(({ id, rate }) => [id, rate ?? 0])) };
      setRates((before) => (before.at(-1)?.at === now.at ? before : [...before.slice(1 - HISTORY), point]));
    },
  });

  const Body = usePage(page);
  const props: PageProps | undefined = useMemo(
    () =>
      info.data === undefined
        ? undefined
        : { info: info.data, status, topology, history: rates, watch, open, handed },
    [info.data, status, topology, rates, watch, open, handed],
  );
  if (info.needsToken) return <TokenForm onDone={info.reload} />;
  return (
    <div class="shell">
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <nav aria-label="Pages">
        <span class="brand">
          <span class="mark" aria-hidden="true" />
          Paystream
        </span>
        <ul>
          {PAGES.map((known) => (
            <li key={known.path}>
              <a
                href={known.path}
                aria-current={known === page ? 'page' : undefined}
                onClick={(event) => {
                  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                  event.preventDefault();
                  open(known.path);
                }}
              >
                <Icon name={known.icon} />
                <span>{known.name}</span>
              </a>
            </li>
          ))}
        </ul>
        <ThemeButton />
      </nav>
      <div class="column">
        <header class="top">
          <h1>{page.name}</h1>
          <StatusPill status={status} url={info.data?.ksqldbUrl} />
          {info.data === undefined ? null : (
            <span class={`mode ${info.data.allowWrite ? 'write' : ''}`}>
              {info.data.allowWrite ? 'writes allowed' : 'read only'}
            </span>
          )}
        </header>
        {status.state === 'down' && status.error !== undefined ? (
          <div class="banner">
            <ErrorBox error={status.error} />
          </div>
        ) : null}
        <main id="main" ref={main} tabIndex={-1}>
          {info.error === undefined ? null : <ErrorBox error={info.error} />}
          {Body === undefined || props === undefined ? null : <Body {...props} />}
        </main>
      </div>
    </div>
  );
}

function usePage(page: Page): ComponentType<PageProps> | undefined {
  const [, setReady] = useState(0);
  useEffect(() => {
    if (loaded.has(page.path)) return;
    void page.load().then((module) => {
      loaded.set(page.path, module.Page);
      setReady((n) => n + 1);
    });
  }, [page]);
  return loaded.get(page.path);
}

function useInfo() {
  const [data, setData] = useState<ConsoleInfo>();
  const [error, setError] = useState<ApiError>();
  const reload = useCallback(() => {
    get<ConsoleInfo>('/api/info').then(
      (info) => {
        setData(info);
        setError(undefined);
      },
      (failure: unknown) => {
        if (!(failure instanceof ApiError)) throw failure;
        setError(failure);
        if (failure.status === 0) setTimeout(reload, 2_000);
      },
    );
  }, []);
  useEffect(reload, [reload]);
  return { data, error: error?.error, needsToken: error?.status === 401, reload };
}

const STATE_TEXT = { connecting: 'connecting', up: 'up', slow: 'slow', down: 'down' } as const;

function StatusPill({ status, url }: { readonly status: ConsoleStatus; readonly url: string | undefined }) {
  return (
    <span class={`status ${status.state}`} role="status">
      <span class="dot" aria-hidden="true" />
      ksqlDB <b>{STATE_TEXT[status.state]}</b>
      {url === undefined ? null : <span class="url">{url.replace(/^https?:\/\//, '')}</span>}
    </span>
  );
}

function ThemeButton() {
  const [theme, setTheme] = useTheme();
  return (
    <button type="button" class="theme" onClick={() => setTheme(nextTheme(theme))}>
      <Icon name="theme" />
      <span>{theme} theme</span>
    </button>
  );
}

function TokenForm({ onDone }: { readonly onDone: () => void }) {
  const [token, setToken] = useState('');
  const [error, setError] = useState('');
  return (
    <form
      class="token"
      onSubmit={(event) => {
        event.preventDefault();
        login(token.trim()).then(onDone, (failure: Error) => setError(failure.message));
      }}
    >
      <h1>Paystream</h1>
      <label for="token">The token that `paystream console` printed</label>
      <input
        id="token"
        type="password"
        autocomplete="current-password"
        value={token}
        onInput={(event) => setToken(event.currentTarget.value)}
      />
      <button type="submit" class="primary">
        Open
      </button>
      {error === '' ? null : <p role="alert">{error}</p>}
    </form>
  );
}
