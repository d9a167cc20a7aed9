import type { ComponentType } from 'preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ConsoleInfo, ConsoleStatus, RatePoint, Topology } from '../wire.js';
import { ApiError, get } from './api.js';
import { type LiveHandlers, useLive } from './live.js';
import type { PageProps } from './page-props.js';
import { ErrorBox, Icon, type IconName, Mark } from './parts.js';
import { StatusBanner, StatusPill } from './server-status.js';
import { nextTheme, useTheme } from './theme.js';
import { TokenForm } from './token-form.js';

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
    status: (now) => {
      setStatus(now);
      // A restarted console may require its token again.
      if (now.error?.code === 'CONSOLE_UNREACHABLE') info.reload();
    },
    history: setRates,
    topology: (now) => {
      setTopology(now);
      const known = now.queries.filter((query) => query.rate !== null);
      const point = { at: now.at, rates: Object.fromEntries(known.map(({ id, rate }) => [id, rate ?? 0])) };
      setRates((before) => (before.at(-1)?.at === now.at ? before : [...before.slice(1 - HISTORY), point]));
    },
  });

  const failed = topology?.queries.filter(({ state }) => state === 'ERROR').length ?? 0;
  const Body = usePage(page);
  const props: PageProps | undefined = useMemo(
    () =>
      info.data === undefined
        ? undefined
        : { info: info.data, status, topology, history: rates, watch, open, handed },
    [info.data, status, topology, rates, watch, open, handed],
  );
  if (info.needsToken) {
    return (
      <main>
        <TokenForm onDone={info.reload} />
      </main>
    );
  }
  return (
    <div class="shell">
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to content
      </button>
      <nav aria-label="Pages">
        <span class="brand">
          <Mark />
          <span>Paystream</span>
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
                {known.path === '/' && failed > 0 ? (
                  <span class="alarm" title={`${failed} in error`}>
                    <span class="hidden">, </span>
                    {failed}
                    <span class="hidden"> in error</span>
                  </span>
                ) : null}
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
              {info.data.allowWrite ? 'writes allowed' : 'read-only'}
            </span>
          )}
        </header>
        <StatusBanner status={status} />
        <main id="main" ref={main} tabIndex={-1}>
          {info.error === undefined || info.data !== undefined ? null : <ErrorBox error={info.error} />}
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
  const known = useRef(false);
  const reload = useCallback(() => {
    get<ConsoleInfo>('/api/info').then(
      (info) => {
        known.current = true;
        setData(info);
        setError(undefined);
      },
      (failure: unknown) => {
        if (!(failure instanceof ApiError)) throw failure;
        setError(failure);
        if (failure.status === 0 && !known.current) setTimeout(reload, 2_000);
      },
    );
  }, []);
  useEffect(reload, [reload]);
  return { data, error: error?.error, needsToken: error?.status === 401, reload };
}

function ThemeButton() {
  const [theme, setTheme] = useTheme();
  return (
    <button
      type="button"
      class="theme"
      aria-label={`Theme: ${theme}. Change to ${nextTheme(theme)}`}
      title="Theme"
      onClick={() => setTheme(nextTheme(theme))}
    >
      <Icon name="theme" />
      <span>{theme}</span>
    </button>
  );
}
