import { type ComponentChildren, Fragment } from 'preact';
import type { WireError } from '../wire.js';

const PATHS = {
  topology: 'M4 6h5v4H4zM15 4h5v4h-5zM15 14h5v4h-5zM9 8h3v8h3M12 8V6h3',
  query: 'M5 7l4 4-4 4M11 16h8',
  payments: 'M3 6h18v12H3zM3 10h18M7 15h4',
  migrations: 'M12 4v10m0 0l-4-4m4 4l4-4M5 19h14',
  health: 'M3 12h4l3-7 4 14 3-7h4',
  theme: 'M12 4v16a8 8 0 0 0 0-16z M12 4a8 8 0 1 0 0 16',
  play: 'M7 5l12 7-12 7z',
  stop: 'M6 6h12v12H6z',
  pause: 'M8 5v14M16 5v14',
  close: 'M6 6l12 12M18 6L6 18',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 18 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The product's logo: two channels that become one. */
export function Mark() {
  return (
    <svg class="mark" width={22} height={22} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" />
      <path d="M6 10h5c7 0 4 6 11 6h4M6 22h5c7 0 4-6 11-6" />
    </svg>
  );
}

export type Tone = 'good' | 'warn' | 'bad' | 'dim' | 'info';

/** A word with a colored dot. The word carries the meaning, for readers who cannot see the color. */
export function Badge({ tone, children }: { readonly tone: Tone; readonly children: ComponentChildren }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}

/** Text in which backticks mark code. */
export function Prose({ text }: { readonly text: string }) {
  return <>{text.split('`').map((part, i) => (i % 2 === 1 ? <code key={i}>{part}</code> : part))}</>;
}

/** A name that may wrap after underscores and hyphens. */
export function BreakableName({ name }: { readonly name: string }) {
  return (
    <>
      {name.split(/(?<=[_-])/).map((part, i) => (
        <Fragment key={i}>
          {i === 0 ? null : <wbr />}
          {part}
        </Fragment>
      ))}
    </>
  );
}

export function ErrorBox({ error }: { readonly error: WireError }) {
  return (
    <div class="error-box" role="alert">
      <p>
        <code class="error-code">{error.code}</code>{' '}
        <span class="message">
          <Prose text={error.message} />
        </span>
      </p>
      {error.where === undefined ? null : <p class="dim">at {error.where}</p>}
      {error.hint === undefined ? null : (
        <p>
          <Prose text={error.hint} />
        </p>
      )}
    </div>
  );
}

export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <p class="empty">{typeof children === 'string' ? <Prose text={children} /> : children}</p>;
}

export function Card(props: {
  readonly title: string;
  readonly aside?: ComponentChildren;
  readonly class?: string;
  readonly children: ComponentChildren;
}) {
  return (
    <section class={`card ${props.class ?? ''}`} aria-label={props.title}>
      <header>
        <h2>{props.title}</h2>
        {props.aside}
      </header>
      {props.children}
    </section>
  );
}

export function stateTone(state: string): Tone {
  switch (state) {
    case 'RUNNING':
    case 'MIGRATED':
    case 'healthy':
      return 'good';
    case 'ERROR':
    case 'unhealthy':
      return 'bad';
    case 'PENDING':
      return 'info';
    case 'PAUSED':
    case 'UNRESPONSIVE':
    case 'SKIPPED':
    case 'REBALANCING':
    case 'degraded':
      return 'warn';
    default:
      return 'dim';
  }
}
