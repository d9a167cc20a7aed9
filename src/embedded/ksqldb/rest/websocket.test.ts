import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { EngineUnderTest } from '../runtime/engine.test-util.js';
import { type KsqlServer, startKsqlServer } from './server.js';

let subject: EngineUnderTest;
let server: KsqlServer;

beforeEach(async () => {
  subject = new EngineUnderTest();
  subject.run(`CREATE STREAM ORDERS (ID BIGINT KEY, NOTE STRING)
    WITH (KAFKA_TOPIC='orders', PARTITIONS=1, KEY_FORMAT='KAFKA', VALUE_FORMAT='JSON');`);
  server = await startKsqlServer({ engine: subject.engine });
});

afterEach(async () => {
  await server.stop();
  await subject.close();
});

function open(ksql: string, path = '/ws/query'): WebSocket {
  const request = { ksql, streamsProperties: { 'auto.offset.reset': 'earliest' } };
  const query = `request=${encodeURIComponent(JSON.stringify(request))}`;
  return new WebSocket(`ws://127.0.0.1:${server.port}${path}?${query}`);
}

async function closeOf(webSocket: WebSocket): Promise<{ code: number; reason: string }> {
  const [code, reason] = (await once(webSocket, 'close')) as [number, Buffer];
  return { code, reason: reason.toString('utf8') };
}

const pushQuery = 'SELECT NOTE FROM ORDERS EMIT CHANGES;';

describe('GET /ws/query', () => {
  it('sends the schema and the rows, then closes with 1000', async () => {
    subject.write('orders', null, { NOTE: 'b' });
    const webSocket = open('SELECT NOTE FROM ORDERS EMIT CHANGES LIMIT 1;');
    const messages: string[] = [];
    webSocket.on('message', (data) => messages.push(String(data)));
    expect(await closeOf(webSocket)).toEqual({ code: 1000, reason: 'done' });
    expect(messages[0]).toContain('"name":"NOTE"');
    expect(messages[1]).toBe('{"row":{"columns":["b"]}}');
  });

  it('closes with 1003 and the message of an error, cut to what a close frame holds', async () => {
    const short = await closeOf(open('LIST STREAMS;'));
    expect(short).toEqual({ code: 1003, reason: 'Unexpected statement type List' });
    const { code, reason } = await closeOf(open(`SELECT ${'é'.repeat(200)} FROM ORDERS EMIT CHANGES;`));
    expect(code).toBe(1003);
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
    expect(reason).not.toContain('\uFFFD');
  });

  it('answers 404 for other paths', async () => {
    const [error] = (await once(open(pushQuery, '/ws/other'), 'error')) as [Error];
    expect(error.message).toContain('404');
  });

  it('answers pings and ends the query when the client closes', async () => {
    const webSocket = open(pushQuery);
    await once(webSocket, 'message');
    webSocket.ping('are you there');
    const [payload] = (await once(webSocket, 'pong')) as [Buffer];
    expect(payload.toString()).toBe('are you there');
    expect(subject.engine.queries()).toHaveLength(1);
    webSocket.close(1000, 'enough');
    expect(await closeOf(webSocket)).toEqual({ code: 1000, reason: 'enough' });
    await expect.poll(() => subject.engine.queries().length).toBe(0);
  });

  it('closes with 1009 for a message over 64 KB and ends the query', async () => {
    const webSocket = open(pushQuery);
    await once(webSocket, 'message');
    webSocket.send(Buffer.alloc(64 * 1024 + 1));
    expect((await closeOf(webSocket)).code).toBe(1009);
    await expect.poll(() => subject.engine.queries().length).toBe(0);
  });

  it('pauses the query for a client that does not read', async () => {
    const rows = 300;
    for (let i = 0; i < rows; i++) {
      subject.write('orders', null, { NOTE: randomBytes(32 * 1024).toString('hex') });
    }
    const request = { ksql: pushQuery, streamsProperties: { 'auto.offset.reset': 'earliest' } };
    const socket = connect(server.port, '127.0.0.1');
    socket.write(
      `GET /ws/query?request=${encodeURIComponent(JSON.stringify(request))} HTTP/1.1\r\nHost: x\r\n` +
        'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    const position = (): number =>
      subject.engine.queries().find(({ type }) => type === 'PUSH')?.offsets[0]?.position ?? 0;
    await expect.poll(position).toBeGreaterThan(0);
    let last = -1;
    while (last !== position()) {
      last = position();
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    expect(last).toBeLessThan(rows);
    socket.resume();
    await expect.poll(position, { timeout: 10_000 }).toBe(rows);
    socket.destroy();
    await expect.poll(() => subject.engine.queries().length).toBe(0);
  });
});
