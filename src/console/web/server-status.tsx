import type { ConsoleStatus } from '../wire.js';
import { dateTime } from './format.js';
import { ErrorBox } from './parts.js';

/** Shows whether ksqlDB responds, and its address. */
export function StatusPill({
  status,
  url,
}: {
  readonly status: ConsoleStatus;
  readonly url: string | undefined;
}) {
  return (
    <span class={`status ${status.state}`} role="status">
      <span class="dot" aria-hidden="true" />
      ksqlDB <b>{status.state}</b>
      {url === undefined ? null : <span class="url">{url.replace(/^https?:\/\//, '')}</span>}
    </span>
  );
}

/** Explains how old the data on the page is, and what happens next. */
export function StatusBanner({ status }: { readonly status: ConsoleStatus }) {
  const { state, error, answeredAt } = status;
  if (state === 'slow') {
    return (
      <section class="banner" aria-label="State of ksqlDB">
        <p class="slow-box" role="status">
          <strong>ksqlDB is responding slowly.</strong> {dataAsOf(answeredAt)} Waiting for a response…
        </p>
      </section>
    );
  }
  if (state !== 'down' || error === undefined) return null;
  return (
    <section class="banner" aria-label="State of ksqlDB">
      <ErrorBox error={error} />
      <p class="dim">{dataAsOf(answeredAt)} Reconnecting automatically…</p>
    </section>
  );
}

function dataAsOf(answeredAt: number | undefined): string {
  return answeredAt === undefined ? 'No data yet.' : `Data as of ${dateTime(answeredAt)}.`;
}
