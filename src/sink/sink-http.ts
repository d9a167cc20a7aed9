import type { IncomingMessage, ServerResponse } from 'node:http';
import { bearerToken, isSameSecret } from '../http/bearer-token.js';
import { type HttpServer, send, serveHttp } from '../http/serve-http.js';
import { readCustomerPayments, type Store } from '../store/index.js';
import type { SinkHttpOptions } from './sink-options.js';

export interface SinkHttpSource {
  readonly store: Store;
  /** Why the sink is not ready; empty if it is. */
  problems(): readonly string[];
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>;
}

/** How long requests in progress may take when the sink stops. */
const FINISH_WITHIN_MS = 500;
const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };

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

function allows(request: IncomingMessage, token: string): boolean {
  const given = bearerToken(request);
  return given !== undefined && isSameSecret(given, token);
}

/**
 * `/healthz` (the process answers), `/readyz` (it makes progress), `/metrics` (Prometheus) and
 * `/customers/{id}/payments` (the customer's last five, from the store alone).
 */
export async function startSinkHttp(options: SinkHttpOptions, source: SinkHttpSource): Promise<HttpServer> {
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

  const server = await serveHttp(
    (request, response) => {
      answer(request, response).catch(() => {
        if (!response.headersSent) problem(response, 500, 'INTERNAL', 'The request failed.');
        else response.destroy();
      });
    },
    { host: options.host ?? '127.0.0.1', port: options.port, name: "the sink's HTTP server" },
  );
  return { url: server.url, close: () => server.close(FINISH_WITHIN_MS) };
}
