import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleOptions, type RunningConsole, startConsole } from '../../src/console/start-console.js';
import type { RunEvent } from '../../src/console/wire.js';
import { type TestCluster, testCluster } from '../support/test-cluster.js';

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

function ask(
  url: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      new URL(path, url),
      {
        method: body === undefined ? 'GET' : 'POST',
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: text, headers: response.headers }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

describe("the console's server", () => {
  let cluster: TestCluster;
  const running: RunningConsole[] = [];

  beforeAll(async () => {
    cluster = await testCluster();
  });

  afterAll(async () => {
    for (const one of running) await one.stop();
    await cluster?.stop();
  });

  async function start(options: Partial<ConsoleOptions> = {}): Promise<RunningConsole> {
    const one = await startConsole({
      ksqldb: { url: cluster.ksqldbUrl, username: 'operator', password: 'hunter2' },
      port: 0,
      version: 'test',
      ...options,
    });
    running.push(one);
    return one;
  }

  async function runSql(url: string, sql: string): Promise<readonly RunEvent[]> {
    const { status, body } = await ask(url, '/api/run', {}, JSON.stringify({ sql, offsetReset: 'earliest' }));
    expect(status).toBe(200);
    return body
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as RunEvent);
  }

  it('rejects unknown host names, which prevents DNS rebinding', async () => {
    const { url } = await start();
    const { port } = new URL(url);
    expect((await ask(url, '/api/info', { host: `evil.example:${port}` })).status).toBe(421);
    expect((await ask(url, '/', { host: `evil.example:${port}` })).status).toBe(421);
    expect((await ask(url, '/api/info', { host: `localhost:${port}` })).status).toBe(200);
    const known = await start({ allowedHosts: ['console.example.com'] });
    expect((await ask(known.url, '/api/info', { host: 'console.example.com' })).status).toBe(200);
  });

  it('rejects requests from pages of other sites', async () => {
    const { url } = await start();
    const body = JSON.stringify({ sql: 'LIST STREAMS;', offsetReset: 'latest' });
    expect((await ask(url, '/api/info', { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await ask(url, '/api/run', { origin: 'https://evil.example' }, body)).status).toBe(403);
    expect((await ask(url, '/api/run', { 'content-type': 'text/plain' }, body)).status).toBe(415);
  });

  it('requires a token if it does not listen on loopback, and exchanges it for a cookie', async () => {
    const { url } = await start({ host: '0.0.0.0' });
    const token = /#token=(.+)$/.exec(url)?.[1] ?? '';
    expect(token.length).toBeGreaterThan(30);
    expect((await ask(url, '/api/info')).status).toBe(401);
    expect((await ask(url, '/api/live')).status).toBe(401);
    expect((await ask(url, '/api/login', {}, JSON.stringify({ token: `${token}x` }))).status).toBe(401);
    expect((await ask(url, '/api/info', { authorization: `Bearer ${token}` })).status).toBe(200);
    const login = await ask(url, '/api/login', {}, JSON.stringify({ token }));
    const cookie = String((login.headers['set-cookie'] as readonly string[])[0]);
    expect(cookie).toMatch(/HttpOnly; SameSite=Strict/);
    expect(cookie).not.toContain(token);
    expect((await ask(url, '/api/info', { cookie: cookie.split(';')[0] ?? '' })).status).toBe(200);
    // The page itself contains no secrets.
    expect((await ask(url, '/')).status).toBe(200);
  });

  it('sends no secrets, and sets a strict content security policy', async () => {
    const { url } = await start({
      ksqldb: { url: cluster.ksqldbUrl.replace('http://', 'http://operator:hunter2@') },
    });
    for (const path of ['/', '/api/info', '/api/health', '/api/source?name=NO_SUCH']) {
      const { body, headers } = await ask(url, path);
      expect(body).not.toContain('hunter2');
      expect(headers['content-security-policy']).toContain("default-src 'none'");
    }
    const page = await ask(url, '/');
    expect(page.headers['content-security-policy']).toContain("require-trusted-types-for 'script'");
    expect(String(page.headers['content-security-policy'])).not.toMatch(/unsafe|\*/);
  });

  it('is read-only: rejects a script with one statement that writes before it runs any of it', async () => {
    const { url } = await start();
    const writes = [
      "CREATE STREAM S_RO (A INT) WITH (KAFKA_TOPIC='s_ro', PARTITIONS=1, VALUE_FORMAT='JSON');",
      'DROP STREAM X;',
      'TERMINATE ALL;',
      "INSERT INTO X (A) VALUES ('1');",
      'PAUSE ALL;',
      "ALTER SYSTEM 'a'='b';",
      "RUN SCRIPT 'x.sql';",
    ];
    for (const sql of writes) {
      const events = await runSql(url, `LIST STREAMS; ${sql}`);
      expect(
        events.map(({ type }) => type),
        sql,
      ).toEqual(['error', 'end']);
    }
  });

  it('runs writes with allowWrite, and keeps every digit', async () => {
    const { url } = await start({ allowWrite: true });
    await runSql(
      url,
      'DROP TABLE IF EXISTS CONSOLE_T DELETE TOPIC; DROP STREAM IF EXISTS CONSOLE_S DELETE TOPIC;',
    );
    const events = await runSql(
      url,
      `CREATE STREAM CONSOLE_S (ID BIGINT KEY, A DECIMAL(30, 10), B ARRAY<BIGINT>) WITH (KAFKA_TOPIC='console_s', PARTITIONS=1, VALUE_FORMAT='JSON');
       INSERT INTO CONSOLE_S (ID, A, B) VALUES (9223372036854775807, 12345678901234567890.0123456789, ARRAY[9007199254740993]);
       DEFINE limit = '1';
       SELECT * FROM CONSOLE_S EMIT CHANGES LIMIT \${limit};`,
    );
    expect(events.filter(({ type }) => type === 'error')).toEqual([]);
    expect(events.find(({ type }) => type === 'rows')).toEqual({
      type: 'rows',
      rows: [['9223372036854775807', '12345678901234567890.0123456789', '[9007199254740993]']],
    });
    await runSql(url, 'DROP STREAM CONSOLE_S DELETE TOPIC;');
  });

  it('the page is smaller than 350 kB compressed', () => {
    const folder = resolve(import.meta.dirname, '../../dist/console/web');
    const sizes = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => gzipSync(readFileSync(join(entry.parentPath, entry.name))).length);
    expect(sizes.length).toBeGreaterThan(5);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(350_000);
  });
});
