import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTokenSource } from './oauth-token.js';

describe('createTokenSource', () => {
  it('returns the configured token', async () => {
    expect(await createTokenSource({ mechanism: 'oauthbearer', token: 'abc' })()).toBe('abc');
  });

  it('reads the token file again each time', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'token-'));
    try {
      const tokenPath = join(folder, 'token');
      writeFileSync(tokenPath, 'first\n');
      const token = createTokenSource({ mechanism: 'oauthbearer', token: 'first', tokenPath });
      expect(await token()).toBe('first');
      writeFileSync(tokenPath, 'second\n');
      expect(await token()).toBe('second');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('createTokenSource with an endpoint', () => {
  let server: Server;
  let answer: (response: ServerResponse) => void;
  let requests: { readonly headers: IncomingMessage['headers']; readonly body: string }[];

  const json = (status: number, body: object) => (response: ServerResponse) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  const tokenSource = (scope?: string) =>
    createTokenSource({
      mechanism: 'oauthbearer',
      oauth: {
        tokenEndpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
        clientId: 'sink',
        clientSecret: 'a b+c:d',
        ...(scope === undefined ? {} : { scope }),
      },
    });

  beforeEach(async () => {
    requests = [];
    server = createServer(async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      requests.push({ headers: request.headers, body: Buffer.concat(parts).toString() });
      answer(response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    vi.useRealTimers();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  });

  it('authenticates the client with HTTP Basic and requests the scope', async () => {
    answer = json(200, { access_token: 't1', token_type: 'Bearer', expires_in: 60 });
    expect(await tokenSource('kafka')()).toBe('t1');
    const [{ headers, body }] = requests as [(typeof requests)[0]];
    const [scheme, basic = ''] = (headers.authorization ?? '').split(' ');
    expect(scheme).toBe('Basic');
    // RFC 6749, section 2.3.1: both are form-encoded.
    const [id, secret] = Buffer.from(basic, 'base64').toString().split(':');
    expect(new URLSearchParams(`id=${id}&secret=${secret}`).get('secret')).toBe('a b+c:d');
    expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
      grant_type: 'client_credentials',
      scope: 'kafka',
    });
  });

  it('caches a token for 80% of its lifetime', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const token = tokenSource();
    answer = json(200, { access_token: 't1', token_type: 'Bearer', expires_in: 100 });
    expect(await token()).toBe('t1');
    answer = json(200, { access_token: 't2', token_type: 'Bearer', expires_in: 100 });
    vi.setSystemTime(Date.now() + 79_000);
    expect(await token()).toBe('t1');
    vi.setSystemTime(Date.now() + 2_000);
    expect(await token()).toBe('t2');
    expect(requests).toHaveLength(2);
  });

  it.each<[string, number, object, string]>([
    ['wrong credentials', 401, { error: 'invalid_client' }, 'the endpoint answered 401'],
    ['a failure of the server', 500, {}, 'the endpoint answered 500'],
    ['an answer without a token', 200, { token_type: 'Bearer' }, 'access_token'],
  ])('reports %s', async (_, status, body, message) => {
    answer = json(status, body);
    await expect(tokenSource()()).rejects.toMatchObject({
      code: 'KAFKA_UNAUTHORIZED',
      message: expect.stringContaining(message),
    });
  });

  it('reports an unreachable endpoint with the reason', async () => {
    const token = createTokenSource({
      mechanism: 'oauthbearer',
      oauth: { tokenEndpoint: 'http://127.0.0.1:1/token', clientId: 'a', clientSecret: 'b' },
    });
    await expect(token()).rejects.toMatchObject({
      code: 'KAFKA_UNAUTHORIZED',
      message: expect.not.stringContaining('fetch failed'),
    });
  });
});
