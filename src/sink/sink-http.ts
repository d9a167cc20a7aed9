import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PaystreamError } from '../errors/paystream-error.js';
import { readCustomerPayments, type Store } from '../store/index.js';
import type { SinkHttpOptions } from './sink-options.js';

export interface SinkHttpSource {
  readonly store: Store;
  /** Why the sink is not ready; empty if it is. */
  problems(): readonly string[];
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>;
}

export interface SinkHttpServer {
  readonly url: string;
  close(): Promise<void>;
}

/** At a stop, for requests that are under way. */
const ANSWERED_WITHIN_MS = 500;
const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };

function send(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
) {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  response.end(body);
}

function problem(response: ServerResponse, status: number, code: string, message: string, headers = {}) {
  send(response, status, JSON.stringify({ code, message }), headers);
}

/** An id exactly as a 64-bit integer is written; undefined for anything else. */
function parseId(text: string): bigint | undefined {
  const digits = text.startsWith('-') ? text.slice(1) : text;
  if (digits === '' || digits.length > 19 || [...digits].some((char) => char < '0' || char > '9'))
    return undefined;
  const id = BigInt(text);
  return id < INT64.min || id > INT64.max ? undefined : id;
}

/** Compared by their hashes, so that neither content nor length shows in the time it takes. */
function allows(request: IncomingMessage, token: string): boolean {
  const header = request.headers.authorization ?? '';
  const hash = (text: string) => createHash('sha256').update(text).digest();
  const given = header.slice(0, 7).toLowerCase() === 'bearer ' ? header.slice(7).trim() : '';
  return timingSafeEqual(hash(given), hash(token)) && given !== '';
}

/**
 * `/healthz` (the process answers), `/readyz` (it makes progress), `/metrics` (Prometheus) and
 * `/customers/{id}/payments` (the customer's last five, from the store alone).
 */
export async function startSinkHttp(
  options: SinkHttpOptions,
  source: SinkHttpSource,
): Promise<SinkHttpServer> {
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://sink').pathname;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      problem(response, 405, 'METHOD_NOT_ALLOWED', 'Only GET and HEAD are offered.', { allow: 'GET, HEAD' });
      return;
    }
    if (path === '/healthz') {
      send(response, 200, '{"status":"ok"}');
      return;
    }
    if (path === '/readyz') {
      const problems = source.problems();
      const status = problems.length === 0 ? 'ready' : 'not ready';
      send(response, problems.length === 0 ? 200 : 503, JSON.stringify({ status, problems }));
      return;
    }
    if (options.token !== undefined && !allows(request, options.token)) {
      problem(response, 401, 'UNAUTHORIZED', 'Send the token as Authorization: Bearer <token>.', {
        'www-authenticate': 'Bearer',
      });
      return;
    }
    if (path === '/metrics') {
      const { contentType, text } = await source.metrics();
      send(response, 200, text, { 'content-type': contentType });
      return;
    }
    const [, collection, id, resource, ...rest] = path.split('/');
    if (collection === 'customers' && resource === 'payments' && rest.length === 0) {
      const customerId = parseId(id ?? '');
      if (customerId === undefined) {
        problem(response, 400, 'CUSTOMER_ID_INVALID', 'A customer id is a 64-bit integer.');
        return;
      }
      try {
        const found = await readCustomerPayments(source.store, customerId);
        const body = found?.document ?? `{"customerId":${customerId},"payments":[]}`;
        send(
          response,
          200,
          body,
          found === undefined ? {} : { 'last-modified': new Date(found.writtenAt).toUTCString() },
        );
      } catch {
        problem(response, 503, 'STORE_UNAVAILABLE', 'The store does not answer. Try again.', {
          'retry-after': '1',
        });
      }
      return;
    }
    problem(response, 404, 'NOT_FOUND', 'Offered: /healthz, /readyz, /metrics, /customers/{id}/payments.');
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => {
      if (!response.headersSent) problem(response, 500, 'INTERNAL', 'The request failed.');
      else response.destroy();
    });
  });
  const host = options.host ?? '127.0.0.1';
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new PaystreamError('SINK_PORT_TAKEN', `The sink's HTTP server cannot listen: ${cause.message}`, {
          where: `${host}:${options.port}`,
          hint: 'Choose another port, or 0 for any free one.',
          cause,
        }),
      ),
    );
    server.listen(options.port, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), ANSWERED_WITHIN_MS).unref();
      }),
  };
}
