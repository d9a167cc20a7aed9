import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseExact } from '../ksqldb/exact-json.js';
import { KsqldbError } from '../ksqldb/ksqldb-error.js';
import { quote } from '../sql/identifiers.js';
import { readCustomerPayments } from '../store/customer-payments.js';
import { cellOf } from './cells.js';
import type { ConsoleContext } from './console-context.js';
import type { CustomerAnswer, Freshness, LiveEvents, Rejected, WirePayment } from './wire.js';
import { wireError } from './wire-error.js';

const STORE_EVERY_MS = 500;
const AGAIN_AFTER_MS = 2_000;
const REJECTED_STREAM = 'PAYMENT_REJECTED';
/** Number of rejected payments that are sent, newest first. */
const REJECTED_SHOWN = 200;

export interface LiveView {
  readonly payments: boolean;
  readonly customer: bigint | undefined;
}

/** Sends server-sent events to one open page until it closes. The page reconnects if the connection breaks. */
export async function serveLive(
  context: ConsoleContext,
  response: ServerResponse,
  view: LiveView,
): Promise<void> {
  const closed = new AbortController();
  response.once('close', () => closed.abort());
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  response.write('retry: 1000\n\n');
  const send = <K extends keyof LiveEvents>(name: K, data: LiveEvents[K]): void => {
    // Skip events for a slow page, to bound the memory. The next event replaces a skipped one.
    if (closed.signal.aborted || response.writableNeedDrain) return;
    response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  if (context.watch.history.length > 0) send('history', context.watch.history);
  const unlisten = context.watch.listen({
    onStatus: (status) => send('status', status),
    onTopology: (topology) => send('topology', topology),
  });
  const work = [ended(closed.signal)];
  if (view.payments) {
    work.push(watchRejected(context, closed.signal, send));
    if (context.store !== undefined) work.push(watchStore(context.store, view.customer, closed.signal, send));
  }
  try {
    await Promise.all(work);
  } finally {
    unlisten();
    closed.abort();
    response.end();
  }
}

async function ended(signal: AbortSignal): Promise<void> {
  if (!signal.aborted)
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
}

type Send = <K extends keyof LiveEvents>(name: K, data: LiveEvents[K]) => void;

async function watchStore(
  open: NonNullable<ConsoleContext['store']>,
  customer: bigint | undefined,
  signal: AbortSignal,
  send: Send,
): Promise<void> {
  let shown = '';
  let shownFreshness = '';
  while (!signal.aborted) {
    try {
      const store = await open();
      const freshness = await readFreshness(store);
      const text = JSON.stringify(freshness);
      if (text !== shownFreshness) send('freshness', freshness);
      shownFreshness = text;
      if (customer !== undefined) {
        const found = await readCustomerPayments(store, customer);
        const state = `${found?.writtenAt} ${found?.document}`;
        if (state !== shown) send('customer', customerAnswer(customer, found));
        shown = state;
      }
      await pause(STORE_EVERY_MS, signal);
    } catch (error) {
      shown = '';
      shownFreshness = '';
      send('storeError', storeError(error));
      await pause(AGAIN_AFTER_MS, signal);
    }
  }
}

function storeError(error: unknown): LiveEvents['storeError'] {
  const wired = wireError(error);
  if (wired.code !== 'CONSOLE_INTERNAL') return wired;
  // Report only the code of a driver error. Its message may contain an address with credentials.
  const code = (error as { readonly code?: unknown }).code;
  return {
    code: 'STORE_UNREACHABLE',
    message: `The customer store is unreachable${typeof code === 'string' ? ` (${code})` : ''}.`,
    hint: 'Check that PostgreSQL is running and that --database-url is correct. The page reconnects automatically.',
  };
}

async function readFreshness(
  store: Awaited<ReturnType<NonNullable<ConsoleContext['store']>>>,
): Promise<Freshness> {
  const { rows } = await store.query<{ moved_at: string | null; dead_letters: string }>(
    `SELECT to_char(max(moved_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS moved_at,
       (SELECT count(*) FROM sink_dead_letter)::text AS dead_letters
     FROM sink_offset`,
  );
  return { movedAt: rows[0]?.moved_at ?? null, deadLetters: rows[0]?.dead_letters ?? '0' };
}

/** Returns every field as text with all its digits. */
export function customerAnswer(
  customer: bigint,
  found: { readonly document: string; readonly writtenAt: string } | undefined,
): CustomerAnswer {
  const customerId = customer.toString();
  if (found === undefined) return { customerId, payments: null };
  const document = parseExact(found.document) as unknown as {
    readonly payments: readonly Readonly<Record<string, unknown>>[];
  };
  return {
    customerId,
    writtenAt: found.writtenAt,
    payments: document.payments.map((payment) =>
      Object.fromEntries(
        Object.entries(payment).map(([name, value]) => [name, value === null ? null : String(value)]),
      ),
    ),
  };
}

/** Reads the rejected payments from the beginning, then follows new ones. */
async function watchRejected({ client }: ConsoleContext, signal: AbortSignal, send: Send): Promise<void> {
  while (!signal.aborted) {
    try {
      const sql = `SELECT ROWTIME, * FROM ${quote(REJECTED_STREAM)} EMIT CHANGES;`;
      const rows = await client.query(sql, { properties: { 'auto.offset.reset': 'earliest' }, signal });
      let newest: Rejected[] = [];
      let timer: NodeJS.Timeout | undefined;
      const flush = () => {
        timer = undefined;
        if (newest.length > 0) send('rejected', newest);
      };
      // After a reconnect, all payments are read again: start with an empty list.
      send('rejected', []);
      try {
        for await (const row of rows) {
          const [at, ...values] = row.map(cellOf);
          const names = rows.columns.slice(1).map(({ name }) => name);
          const fields: WirePayment = Object.fromEntries(names.map((name, i) => [name, values[i] ?? null]));
          newest = [{ at: at ?? '', fields }, ...newest].slice(0, REJECTED_SHOWN);
          timer ??= setTimeout(flush, 100);
        }
        flush();
      } finally {
        clearTimeout(timer);
        rows.close();
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof KsqldbError)) console.error(error);
      send('rejectedError', wireError(error));
    }
    await pause(AGAIN_AFTER_MS, signal);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
