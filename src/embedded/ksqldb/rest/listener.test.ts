import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RestError } from '../rest-error.js';
import { Exchange } from './exchange.js';
import { type Listener, listen } from './listener.js';

let listener: Listener;

beforeEach(async () => {
  listener = await listen({
    host: '127.0.0.1',
    port: 0,
    headersTimeoutMs: 300,
    requestTimeoutMs: 1000,
    mostConnections: 50,
    onRequest: (request, response) => {
      const exchange = new Exchange(request, response);
      exchange.readText(1000).then(
        (body) => exchange.sendJson(200, { version: request.httpVersion, method: exchange.method, body }),
        (error: unknown) => exchange.sendError(error as RestError),
      );
    },
    onUpgrade: (_request, socket) => socket.destroy(),
  });
});

afterEach(() => listener.close());

function http1(body: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port: listener.port, method: 'POST', path: '/x', agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
        );
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

async function http2(body: string): Promise<string> {
  const session = connectHttp2(`http://127.0.0.1:${listener.port}`);
  try {
    const stream = session.request({ ':method': 'POST', ':path': '/x' });
    stream.end(body);
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString();
  } finally {
    session.close();
  }
}

/** Sends bytes over a raw connection, one at a time if `slowly`, and returns the response. */
async function raw(bytes: string, slowly = false): Promise<string> {
  const socket = connect(listener.port, '127.0.0.1');
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
  });
  socket.on('error', () => {});
  const closed = once(socket, 'close');
  await once(socket, 'connect');
  if (slowly) {
    for (const byte of bytes) {
      if (socket.destroyed) break;
      socket.write(byte);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  } else socket.write(bytes);
  await closed;
  return received;
}

describe('listen', () => {
  it('speaks HTTP/1.1 and HTTP/2 with prior knowledge on one port', async () => {
    expect(JSON.parse((await http1('one')).text)).toEqual({ version: '1.1', method: 'POST', body: 'one' });
    expect(JSON.parse(await http2('two'))).toEqual({ version: '2.0', method: 'POST', body: 'two' });
  });

  it('tells them apart although bytes come one by one', async () => {
    const request = 'POST /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1\r\n\r\nP';
    const patient = await listen({
      host: '127.0.0.1',
      port: 0,
      headersTimeoutMs: 10_000,
      requestTimeoutMs: 10_000,
      mostConnections: 5,
      onRequest: (req, res) => {
        const exchange = new Exchange(req, res);
        void exchange.readText(10).then((body) => exchange.send(200, body));
      },
      onUpgrade: (_request, socket) => socket.destroy(),
    });
    await listener.close();
    listener = patient;
    expect(await raw(request, true)).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*P$/);
  });

  it('closes connections that never finish their headers, and serves the others meanwhile', async () => {
    const slow = ['', 'P', 'PR', 'POST /x HTTP/1.1\r\nHost: x\r\n'].map((bytes) => raw(bytes));
    expect((await http1('fine')).status).toBe(200);
    await Promise.all(slow);
  });

  it('answers 413 to a body that is too large, declared or not', async () => {
    expect((await http1('x'.repeat(5000))).status).toBe(413);
    const chunked = `POST /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n${'x'.repeat(2000)}\r\n0\r\n\r\n`;
    expect(await raw(chunked)).toMatch(/^HTTP\/1\.1 413 /);
  });

  it.each([
    'GARBAGE\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    `GET /${'a'.repeat(100_000)} HTTP/1.1\r\n\r\n`,
    `GET / HTTP/1.1\r\n${'X: y\r\n'.repeat(20_000)}\r\n`,
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nnot frames at all, whatever they may be',
    '\u0000\u0001\u0002',
  ])('ends a connection that sends %j, and lives on', async (bytes) => {
    await raw(bytes);
    expect((await http1('fine')).status).toBe(200);
  });
});
