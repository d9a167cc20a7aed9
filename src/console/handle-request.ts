import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { CodedError, PaystreamError } from '../errors/paystream-error.js';
import {
  activity,
  catalogOf,
  driftAnswer,
  functionDetail,
  healthAnswer,
  migrationsAnswer,
  planAnswer,
  sampleOf,
  sourceDetail,
} from './answers.js';
import type { ConsoleContext } from './console-context.js';
import { serveLive } from './live.js';
import type { Refusal, RequestGuard } from './request-guard.js';
import { runScript } from './run-script.js';
import type { StaticFiles } from './static-files.js';
import type { ConsoleInfo, RunEvent, RunRequest } from './wire.js';
import { wireError, withoutCredentials } from './wire-error.js';

export interface Serving {
  readonly context: ConsoleContext;
  readonly guard: RequestGuard;
  readonly files: StaticFiles;
}

const MOST_BODY_BYTES = 1_000_000;
const MOST_HOURS = 24 * 90;
const MAX_BIGINT = 2n ** 63n - 1n;

const HEADERS: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  // For API responses. The page has its own policy.
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
};

/** Handles one request. */
export async function handleRequest(
  serving: Serving,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { guard, files } = serving;
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  const refusal = guard.checkHost(request);
  if (refusal !== undefined) return refuse(response, refusal);
  const url = new URL(request.url ?? '/', 'http://console');
  if (!url.pathname.startsWith('/api/')) {
    if (request.method === 'GET' || request.method === 'HEAD')
      return files.answer(request, response, url.pathname);
    return refuse(response, { status: 403, code: 'CONSOLE_METHOD', message: 'Only GET is supported here.' });
  }
  const foreign = guard.checkApi(request);
  if (foreign !== undefined) return refuse(response, foreign);
  try {
    if (url.pathname === '/api/login') return await login(guard, request, response);
    const denied = guard.checkToken(request);
    if (denied !== undefined) return refuse(response, denied);
    await answerApi(serving.context, url, request, response);
  } catch (error) {
    if (!(error instanceof CodedError)) console.error(error);
    if (response.headersSent) response.destroy();
    else sendJson(response, error instanceof CodedError ? 422 : 500, { error: wireError(error) });
  }
}

type Get = (context: ConsoleContext, query: URLSearchParams, closed: AbortSignal) => Promise<unknown>;

const GETS: Readonly<Record<string, Get>> = {
  '/api/info': async (context): Promise<ConsoleInfo> => ({
    allowWrite: context.allowWrite,
    ksqldbUrl: withoutCredentials(context.client.url),
    store: context.store !== undefined,
    migrations: context.migrations !== undefined,
    version: context.version,
  }),
  '/api/source': ({ client }, query) => sourceDetail(client, query.get('name') ?? ''),
  '/api/sample': ({ client }, query, closed) => sampleOf(client, query.get('name') ?? '', closed),
  '/api/catalog': ({ client }) => catalogOf(client),
  '/api/function': ({ client }, query) => functionDetail(client, query.get('name') ?? ''),
  '/api/activity': ({ client }, query) =>
    activity(client, Math.min(Math.max(Number(query.get('hours')) || 24, 1), MOST_HOURS)),
  '/api/migrations': migrationsAnswer,
  '/api/migrations/plan': planAnswer,
  '/api/migrations/drift': driftAnswer,
  '/api/health': healthAnswer,
};

async function answerApi(
  context: ConsoleContext,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (url.pathname === '/api/run' && request.method === 'POST') {
    return await serveRun(context, (await readJson(request)) as RunRequest, response);
  }
  if (request.method !== 'GET') {
    return refuse(response, { status: 403, code: 'CONSOLE_METHOD', message: 'Only GET is supported here.' });
  }
  if (url.pathname === '/api/live') {
    return await serveLive(context, response, {
      payments: url.searchParams.get('view') === 'payments',
      customer: customerId(url.searchParams.get('customer')),
    });
  }
  const get = Object.hasOwn(GETS, url.pathname) ? GETS[url.pathname] : undefined;
  if (get === undefined)
    return sendJson(response, 404, { error: { code: 'CONSOLE_PATH', message: 'Not found.' } });
  const closed = new AbortController();
  response.once('close', () => closed.abort());
  const answer = await get(context, url.searchParams, closed.signal);
  sendJson(response, 200, answer);
}

function customerId(text: string | null): bigint | undefined {
  if (text === null || text === '') return undefined;
  const wrong = () =>
    new PaystreamError('CONSOLE_CUSTOMER', `'${text.slice(0, 40)}' is not a customer number.`, {
      hint: 'Customer numbers are 64-bit integers.',
    });
  if (!/^-?\d{1,19}$/.test(text)) throw wrong();
  const id = BigInt(text);
  if (id > MAX_BIGINT || id < -MAX_BIGINT - 1n) throw wrong();
  return id;
}

/** Streams the events of a run as JSON lines. If the page closes, the run and its query on the server end. */
async function serveRun(context: ConsoleContext, run: RunRequest, response: ServerResponse): Promise<void> {
  if (typeof run?.sql !== 'string' || (run.offsetReset !== 'earliest' && run.offsetReset !== 'latest')) {
    throw new PaystreamError('CONSOLE_REQUEST', 'The request lacks sql or offsetReset.');
  }
  const closed = new AbortController();
  response.once('close', () => closed.abort());
  response.writeHead(200, { 'Content-Type': 'application/x-ndjson', 'Cache-Control': 'no-store' });
  response.flushHeaders();
  const emit = async (event: RunEvent) => {
    if (closed.signal.aborted) return;
    if (!response.write(`${JSON.stringify(event)}\n`)) {
      await once(response, 'drain', { signal: closed.signal }).catch(() => undefined);
    }
  };
  await runScript({
    ...run,
    client: context.client,
    allowWrite: context.allowWrite,
    signal: closed.signal,
    emit,
  });
  response.end();
}

async function login(guard: RequestGuard, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { token } = (await readJson(request)) as { readonly token?: unknown };
  const cookie = typeof token === 'string' ? guard.cookieFor(token) : undefined;
  if (cookie === undefined) {
    return refuse(response, {
      status: 401,
      code: 'CONSOLE_TOKEN',
      message: 'The token is missing or wrong.',
    });
  }
  response.setHeader('Set-Cookie', cookie);
  sendJson(response, 200, {});
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > MOST_BODY_BYTES)
      throw new PaystreamError('CONSOLE_REQUEST', 'The request is larger than 1 MB.');
    chunks.push(chunk as Buffer);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString()) ?? {};
  } catch (cause) {
    throw new PaystreamError('CONSOLE_REQUEST', 'The request is not JSON.', { cause });
  }
}

function refuse(response: ServerResponse, { status, code, message }: Refusal): void {
  sendJson(response, status, { error: { code, message } });
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(body));
}
