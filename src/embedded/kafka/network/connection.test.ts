import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Api, BrokerServices, Reply } from '../protocol/api.js';
import { apiVersions } from '../protocol/apis/api-versions.js';
import { saslAuthenticate } from '../protocol/apis/sasl-authenticate.js';
import { saslHandshake } from '../protocol/apis/sasl-handshake.js';
import { SaslUsers } from '../protocol/sasl-users.js';
import { type BrokerLimits, defaultLimits } from './limits.js';
import { KafkaServer } from './server.js';

/** APIs that a test controls: key 900 replies with the byte it was sent, at once or when the test says so. */
const pending = new Map<number, (reply: Reply) => void>();
const handled: number[] = [];
const answer =
  (byte: number): Reply =>
  (writer) =>
    writer.int8(byte);
const big = Buffer.alloc(256 * 1024);
const api = (key: number, name: string, handle: Api['handle']): Api => ({
  key,
  name,
  versions: [0, 0],
  flexibleFrom: 1,
  handle,
});
const echo = api(900, 'Echo', ({ reader }) => {
  const byte = reader.int8();
  handled.push(byte);
  return answer(byte);
});
const wait = api(901, 'Wait', ({ reader, connection }) => {
  const byte = reader.int8();
  handled.push(byte);
  return new Promise((resolve) => {
    connection.onClose(() => pending.delete(byte));
    pending.set(byte, resolve);
  });
});
const silent = api(902, 'Silent', () => null);
const large = api(903, 'Large', ({ reader }) => {
  handled.push(reader.int8());
  return (writer) => writer.bytesByReference([big]);
});
const failing = api(904, 'Failing', () => {
  throw new TypeError('a bug');
});
const failingLater = api(905, 'FailingLater', () => Promise.reject(new Error('a late bug')));

const log: string[] = [];
const sockets: Socket[] = [];
let server: KafkaServer | undefined;

async function listen(
  options: {
    readonly limits?: Partial<BrokerLimits>;
    readonly users?: Readonly<Record<string, string>>;
  } = {},
): Promise<KafkaServer> {
  const apis = [
    echo,
    wait,
    silent,
    large,
    failing,
    failingLater,
    apiVersions,
    saslHandshake,
    saslAuthenticate,
  ];
  server = await KafkaServer.listen({
    host: '127.0.0.1',
    port: 0,
    limits: { ...defaultLimits, ...options.limits },
    sasl: options.users === undefined ? undefined : new SaslUsers({ users: options.users }),
    broker: {
      apis: new Map(apis.map((each) => [each.key, each])),
      log: (_level: string, text: string) => log.push(text),
    } as unknown as BrokerServices,
  });
  return server;
}

async function open(): Promise<Socket> {
  const socket = connect(server!.port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server?.close();
  log.length = 0;
  handled.length = 0;
  pending.clear();
});

/** Encodes a request: header version 1 with a null client id, then the body. */
function request(key: number, correlationId: number, body: readonly number[] | Buffer, version = 0): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(14), Buffer.from(body)]);
  bytes.writeInt32BE(bytes.length - 4, 0);
  bytes.writeInt16BE(key, 4);
  bytes.writeInt16BE(version, 6);
  bytes.writeInt32BE(correlationId, 8);
  bytes.writeInt16BE(-1, 12);
  return bytes;
}

/** Collects the correlation ids of the responses. */
function responses(socket: Socket): number[] {
  const ids: number[] = [];
  let received = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 8 && received.length >= 4 + received.readInt32BE(0)) {
      ids.push(received.readInt32BE(4));
      received = received.subarray(4 + received.readInt32BE(0));
    }
  });
  return ids;
}

async function closed(socket: Socket): Promise<void> {
  socket.resume();
  if (!socket.closed) await once(socket, 'close');
}

describe('the order of responses', () => {
  it('is that of the requests, one at a time, even if an earlier one waits', async () => {
    await listen();
    const socket = await open();
    const ids = responses(socket);
    socket.write(
      Buffer.concat([request(900, 1, [1]), request(901, 2, [2]), request(900, 3, [3]), request(901, 4, [4])]),
    );
    await vi.waitFor(() => expect(pending.has(2)).toBe(true));
    expect(handled).toEqual([1, 2]);
    pending.get(2)!(answer(2));
    await vi.waitFor(() => expect(pending.has(4)).toBe(true));
    expect(handled).toEqual([1, 2, 3, 4]);
    pending.get(4)!(answer(4));
    await vi.waitFor(() => expect(ids).toEqual([1, 2, 3, 4]));
  });

  it('does not depend on other connections', async () => {
    await listen();
    const [one, other] = [await open(), await open()];
    const ids = responses(other);
    one.write(request(901, 1, [1]));
    await vi.waitFor(() => expect(pending.has(1)).toBe(true));
    other.write(request(900, 7, [7]));
    await vi.waitFor(() => expect(ids).toEqual([7]));
  });

  it('skips requests that want no response', async () => {
    await listen();
    const socket = await open();
    const ids = responses(socket);
    socket.write(Buffer.concat([request(902, 1, []), request(900, 2, [2])]));
    await vi.waitFor(() => expect(ids).toEqual([2]));
  });

  it('tells a waiting request that its client has gone', async () => {
    await listen();
    const socket = await open();
    socket.write(request(901, 1, [1]));
    await vi.waitFor(() => expect(pending.has(1)).toBe(true));
    socket.destroy();
    await vi.waitFor(() => expect(pending.has(1)).toBe(false));
    expect(server!.connectionCount).toBe(0);
  });
});

describe('a connection is closed, with the reason in the log, by', () => {
  const size = (bytes: number) => {
    const head = Buffer.alloc(4);
    head.writeInt32BE(bytes);
    return head;
  };
  it.each<[string, Buffer, string]>([
    ['a frame over the limit', size(1001), 'a request of 1001 bytes was announced, the limit is 1000'],
    ['a negative frame length', size(-1), 'a request of -1 bytes was announced'],
    ['a client that speaks TLS', Buffer.from([0x16, 3, 1, 2, 0]), 'with the same TLS setting?'],
    ['a frame without a header', Buffer.concat([size(1), Buffer.alloc(1)]), 'a request: The request ends'],
    ['an unknown API key', request(999, 1, []), 'the API key 999 is not served'],
    ['an unknown version', request(900, 1, [1], 5), 'Echo 5: version 5 is not served'],
    ['a body that is too short', request(900, 1, []), 'Echo 0: The request ends 1 bytes too early'],
    ['a handler that throws', request(904, 1, []), 'Failing 0: TypeError: a bug'],
    ['a handler that rejects', request(905, 1, []), 'FailingLater 0: Error: a late bug'],
  ])('%s', async (_what, bytes, reason) => {
    await listen({ limits: { maxRequestBytes: 1000 } });
    const [bad, good] = [await open(), await open()];
    const ids = responses(good);
    bad.write(bytes);
    await closed(bad);
    expect(log).toEqual([expect.stringContaining(reason)]);
    good.write(request(900, 1, [1]));
    await vi.waitFor(() => expect(ids).toEqual([1]));
  });

  it('a request that is not complete in time', async () => {
    await listen({ limits: { requestTimeoutMs: 30 } });
    const socket = await open();
    socket.write(request(900, 1, [1]).subarray(0, 10));
    await closed(socket);
    expect(log).toEqual([expect.stringContaining('30 ms')]);
  });

  it('requests of all clients together that exceed the buffer', async () => {
    await listen({ limits: { maxBufferedBytes: 100_000 } });
    const [one, other] = [await open(), await open()];
    one.write(request(901, 1, [1]));
    other.write(request(901, 2, [2]));
    await vi.waitFor(() => expect(pending.size).toBe(2));
    one.write(request(900, 3, Buffer.alloc(60_000)));
    other.write(request(900, 4, Buffer.alloc(60_000)));
    await vi.waitFor(() => expect(server!.connectionCount).toBe(1));
    expect(log).toEqual([expect.stringContaining('100000 bytes')]);
    // The closed connection gives its share back.
    const third = await open();
    const ids = responses(third);
    third.write(request(900, 5, Buffer.alloc(30_000)));
    await vi.waitFor(() => expect(ids).toEqual([5]));
  });

  it('a client that reads none of its responses', async () => {
    await listen({ limits: { slowClientTimeoutMs: 50 } });
    const socket = await open();
    socket.pause();
    socket.write(Buffer.concat(Array.from({ length: 100 }, (_, i) => request(903, i, [i]))));
    await vi.waitFor(() => expect(server!.connectionCount).toBe(0), 10_000);
    expect(log).toEqual([expect.stringContaining('50 ms')]);
  });
});

it('an idle connection is closed without a log line, but not while a request is running', async () => {
  await listen({ limits: { idleTimeoutMs: 60 } });
  const [idle, busy] = [await open(), await open()];
  busy.write(request(901, 1, [1]));
  await closed(idle);
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(server!.connectionCount).toBe(1);
  expect(log).toEqual([]);
});

it('connections over the limit are refused', async () => {
  await listen({ limits: { maxConnections: 1 } });
  await open();
  const second = await open();
  await closed(second);
  expect(log).toEqual([expect.stringMatching(/^Refused 127\.0\.0\.1:\d+: 1 connections are open$/)]);
});

describe('back-pressure', () => {
  it('stops handling requests while the client does not read, and resumes when it does', async () => {
    await listen();
    const socket = await open();
    socket.pause();
    const count = 200;
    socket.write(Buffer.concat(Array.from({ length: count }, (_, i) => request(903, i, [i % 100]))));
    await vi.waitFor(() => expect(handled.length).toBeGreaterThan(3));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(handled.length).toBeLessThan(count);
    const ids = responses(socket);
    socket.resume();
    await vi.waitFor(() => expect(ids).toEqual(Array.from({ length: count }, (_, i) => i)), 20_000);
  });

  it('stops reading from a client that sends faster than it is served', async () => {
    await listen();
    const socket = await open();
    const ids = responses(socket);
    socket.write(request(901, 0, [0]));
    await vi.waitFor(() => expect(pending.has(0)).toBe(true));
    // 20 MB do not fit into the sockets' buffers: the write completes only if the server keeps reading.
    const body = Buffer.alloc(100_000);
    for (let i = 1; i <= 300; i++) socket.write(request(900, i, body));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(socket.writableLength).toBeGreaterThan(1_000_000);
    pending.get(0)!(answer(0));
    await vi.waitFor(() => expect(ids).toHaveLength(301), 20_000);
  });
});

describe('before the login', () => {
  const plain = (user: string, password: string) => {
    const message = Buffer.from(`\0${user}\0${password}`);
    const length = Buffer.alloc(4);
    length.writeInt32BE(message.length);
    return Buffer.concat([length, message]);
  };
  const mechanism = Buffer.concat([Buffer.from([0, 5]), Buffer.from('PLAIN')]);

  it.each([
    ['ApiVersions', request(18, 1, []), [1]],
    ['SaslHandshake', request(17, 1, mechanism, 1), [1]],
  ])('%s is served', async (_name, bytes, expected) => {
    await listen({ users: { app: 'secret' } });
    const socket = await open();
    const ids = responses(socket);
    socket.write(bytes);
    await vi.waitFor(() => expect(ids).toEqual(expected));
  });

  it('any other API is refused', async () => {
    await listen({ users: { app: 'secret' } });
    const socket = await open();
    socket.write(request(900, 1, [1]));
    await closed(socket);
    expect(log).toEqual([expect.stringContaining('the client has not logged in')]);
  });

  it('requests have a lower size limit', async () => {
    await listen({ users: { app: 'secret' }, limits: { maxRequestBytesBeforeLogin: 100 } });
    const socket = await open();
    const ids = responses(socket);
    socket.write(request(17, 1, mechanism, 1));
    socket.write(request(36, 2, plain('app', 'secret')));
    await vi.waitFor(() => expect(ids).toEqual([1, 2]));
    socket.write(request(900, 3, Buffer.alloc(500)));
    await vi.waitFor(() => expect(ids).toEqual([1, 2, 3]));
    const other = await open();
    other.write(request(900, 1, Buffer.alloc(500)));
    await closed(other);
    expect(log).toEqual([expect.stringContaining('the limit is 100')]);
  });

  it('a wrong password gets a response, and then the connection ends', async () => {
    await listen({ users: { app: 'secret' } });
    const socket = await open();
    const ids = responses(socket);
    socket.write(Buffer.concat([request(17, 1, mechanism, 1), request(36, 2, plain('app', 'wrong'))]));
    await closed(socket);
    expect(ids).toEqual([1, 2]);
    expect(handled).toEqual([]);
  });

  it('after SaslHandshake 0 the login comes without request headers', async () => {
    await listen({ users: { app: 'secret' } });
    const socket = await open();
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.write(request(17, 1, mechanism, 0));
    await vi.waitFor(() => expect(chunks.length).toBeGreaterThan(0));
    chunks.length = 0;
    socket.write(plain('app', 'secret'));
    await vi.waitFor(() => expect(Buffer.concat(chunks)).toEqual(Buffer.alloc(4)));
    socket.write(request(900, 2, [2]));
    await vi.waitFor(() => expect(handled).toEqual([2]));
  });
});
