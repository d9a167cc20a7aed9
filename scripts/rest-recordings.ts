/**
 * Replays recorded REST exchanges of a real ksqlDB against a fresh embedded server, in order, and compares status,
 * content type and body field by field. docs/rest-recordings.md lists what is not compared.
 *
 * `npm run conformance -- rest-recordings [--recordings FILE] [--filter TEXT] [--json]`
 */
import { existsSync, readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { resolve } from 'node:path';
import { LogStore } from '../src/embedded/kafka/log/log-store.js';
import { startKsqlServer } from '../src/embedded/ksqldb/rest/server.js';
import { openEngine } from '../src/embedded/ksqldb/runtime/live-engine.js';
import { compareBodies, type Recording, type Reply } from './rest-recordings-compare.js';

export interface RecordingsResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly { readonly name: string; readonly differences: readonly string[] }[];
}

const defaultFile = '../shared/ksqldb-rest/recorded.json';
/** Deadline for exchanges that the recorder canceled. The recorder waited longer. */
const longestWaitMs = 8000;
const givenUpAfterMs = 500;

export async function run(args: readonly string[]): Promise<RecordingsResult> {
  const option = (name: string): string | undefined => {
    const at = args.indexOf(name);
    return at < 0 ? undefined : args[at + 1];
  };
  const file = resolve(option('--recordings') ?? defaultFile);
  if (!existsSync(file)) {
    console.log(`rest-recordings: skipped because ${file} is missing`);
    return { passed: 0, failed: 0, skipped: 1, failures: [] };
  }
  const recordings = JSON.parse(readFileSync(file, 'utf8')) as readonly Recording[];
  const result = await replay(recordings, option('--filter'));
  if (args.includes('--json')) console.log(JSON.stringify(result, null, 2));
  else report(result);
  if (result.failed > 0) process.exitCode = 1;
  return result;
}

function report(result: RecordingsResult): void {
  for (const { name, differences } of result.failures) {
    console.log(`FAILED ${name}`);
    for (const difference of differences.slice(0, 12)) console.log(`    ${difference}`);
    if (differences.length > 12) console.log(`    ... and ${differences.length - 12} more`);
  }
  console.log(`rest-recordings: ${result.passed} passed, ${result.failed} failed`);
}

async function replay(
  recordings: readonly Recording[],
  filter: string | undefined,
): Promise<RecordingsResult> {
  const store = LogStore.open({ dataDir: null });
  const engine = openEngine({ store, serviceId: serviceIdOf(recordings) });
  const server = await startKsqlServer({ engine, onError: (error) => debug(error) });
  const failures: { name: string; differences: readonly string[] }[] = [];
  let passed = 0;
  try {
    for (const [index, recording] of recordings.entries()) {
      const reply = await exchange(server.port, recording);
      // In the recording, ksqlDB had a second or two to process a request before the next one.
      if (recording.path === '/ksql' || recording.path === '/inserts-stream') await engine.settled();
      const name = `${index} ${recording.name}`;
      if (filter !== undefined && !name.includes(filter)) continue;
      const differences = compareBodies(recording, reply, {
        host: `${server.host}:${server.port}`,
        all: recordings,
      });
      if (differences.length === 0) passed++;
      else failures.push({ name, differences });
    }
  } finally {
    await server.stop();
    await engine.close();
    store.close();
  }
  return { passed, failed: failures.length, skipped: 0, failures };
}

function debug(error: unknown): void {
  if (process.env.PAYSTREAM_DEBUG !== undefined) console.error(error);
}

/** The service id of the recorded server. Many names contain it. */
function serviceIdOf(recordings: readonly Recording[]): string {
  const info = recordings.find(({ path }) => path === '/info')?.response.json as
    | { readonly KsqlServerInfo?: { readonly ksqlServiceId?: string } }
    | undefined;
  return info?.KsqlServerInfo?.ksqlServiceId ?? 'default_';
}

function exchange(port: number, recording: Recording): Promise<Reply> {
  const body =
    recording.body === undefined
      ? undefined
      : typeof recording.body === 'string'
        ? recording.body
        : JSON.stringify(recording.body);
  const request = {
    method: recording.method ?? 'POST',
    path: encodeURI(recording.path),
    headers: { accept: '*/*', 'content-type': 'application/json', ...lowerCased(recording.headers ?? {}) },
    body,
    waitMs: recording.response.timedOut
      ? givenUpAfterMs
      : Math.min((recording.maxTime ?? longestWaitMs / 1000) * 1000, longestWaitMs),
  };
  return recording.http2 === true ? overHttp2(port, request) : overHttp1(port, request);
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

interface OutgoingRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly waitMs: number;
}

function overHttp1(port: number, { method, path, headers, body, waitMs }: OutgoingRequest): Promise<Reply> {
  return new Promise((settle, reject) => {
    let status = 0;
    let contentType = '';
    let text = '';
    const done = (timedOut: boolean): void => {
      clearTimeout(timer);
      request.destroy();
      settle({ status, contentType, text, timedOut });
    };
    const request = httpRequest(
      { host: '127.0.0.1', port, method, path, headers, agent: false },
      (response) => {
        status = response.statusCode ?? 0;
        contentType = response.headers['content-type'] ?? '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => done(false));
        response.on('error', () => done(true));
      },
    );
    const timer = setTimeout(done, waitMs, true);
    request.on('error', (error) => {
      if (status === 0) reject(error);
    });
    request.end(body);
  });
}

function overHttp2(port: number, { method, path, headers, body, waitMs }: OutgoingRequest): Promise<Reply> {
  return new Promise((settle, reject) => {
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    session.on('error', reject);
    const stream = session.request({ ...headers, ':method': method, ':path': path });
    let status = 0;
    let contentType = '';
    let text = '';
    const done = (timedOut: boolean): void => {
      clearTimeout(timer);
      session.destroy();
      settle({ status, contentType, text, timedOut });
    };
    const timer = setTimeout(done, waitMs, true);
    stream.on('response', (received) => {
      status = received[':status'] ?? 0;
      contentType = received['content-type'] ?? '';
    });
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      text += chunk;
    });
    stream.on('end', () => done(false));
    stream.on('error', () => done(true));
    stream.end(body);
  });
}

if (process.argv[1]?.endsWith('rest-recordings.ts') === true) await run(process.argv.slice(2));
