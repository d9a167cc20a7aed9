import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Broker, type BrokerOptions } from '../../src/embedded/kafka/broker.js';
import { encodeBatch } from '../../src/embedded/kafka/records/encode-batch.js';
import { RecordBatch } from '../../src/embedded/kafka/records/record-batch.js';
import { eventually, kafka } from './kafka-support.js';

const messages: string[] = [];
let broker: Broker;
const sockets: Socket[] = [];

async function start(options: BrokerOptions = {}): Promise<void> {
  broker = await Broker.start({ ...options, log: (_level, message) => messages.push(message) });
}

beforeEach(() => {
  messages.length = 0;
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await broker.stop();
});

async function open(): Promise<Socket> {
  const socket = connect(broker.port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Resolves when the connection is gone, by reset or in good order. */
function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

/** Someone else, who must not notice anything. */
async function othersAreServed(): Promise<void> {
  const client = kafka(broker.brokers);
  const producer = client.producer();
  await producer.connect();
  const [result] = await producer.send({ topic: 'others', messages: [{ value: 'x' }] });
  expect(result!.errorCode).toBe(0);
  await producer.disconnect();
}

function frame(bytes: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeInt32BE(bytes.length);
  return Buffer.concat([size, bytes]);
}

function header(key: number, version: number): Buffer {
  const bytes = Buffer.alloc(10);
  bytes.writeInt16BE(key, 0);
  bytes.writeInt16BE(version, 2);
  bytes.writeInt32BE(1, 4);
  bytes.writeInt16BE(-1, 8);
  return bytes;
}

it.each([
  ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
  ['a TLS hello', Buffer.from('16030100c8010000c403035f', 'hex')],
  ['a length of 2 GB', Buffer.from([0x7f, 0xff, 0xff, 0xff])],
  ['a negative length', Buffer.from([0xff, 0xff, 0xff, 0xff])],
  ['random bytes', frame(Buffer.from('a7'.repeat(200), 'hex'))],
  ['an unknown API key', frame(header(999, 0))],
  ['an unknown version', frame(header(3, 99))],
  ['a request that ends early', frame(header(3, 5))],
  [
    'an array of two billion items',
    frame(Buffer.concat([header(3, 5), Buffer.from([0x7f, 0xff, 0xff, 0xff])])),
  ],
  ['an empty request', frame(Buffer.alloc(0))],
])('%s ends its own connection only', async (_name, bytes) => {
  await start();
  const bystander = await open();
  const socket = await open();
  const closed = closing(socket);
  socket.write(bytes);
  await closed;
  expect(messages.some((message) => message.startsWith('Closed the connection'))).toBe(true);
  expect(bystander.destroyed).toBe(false);
  await othersAreServed();
});

it('half a request is waited for, then cut off', async () => {
  await start({ limits: { requestTimeoutMs: 200 } });
  const socket = await open();
  const closed = closing(socket);
  socket.write(Buffer.from([0, 0, 1, 0, 1, 2, 3]));
  await closed;
  expect(messages.join()).toContain('was incomplete');
  await othersAreServed();
});

it('a request in single bytes is answered', async () => {
  await start();
  const socket = await open();
  const answer = once(socket, 'data');
  for (const byte of frame(Buffer.concat([header(18, 0)]))) {
    socket.write(Buffer.from([byte]));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const [data] = (await answer) as [Buffer];
  expect(data.readInt32BE(4)).toBe(1);
  expect(data.readInt16BE(8)).toBe(0);
});

it('connections beyond the limit are refused, and taken again when others have gone', async () => {
  await start({ limits: { maxConnections: 3 } });
  const kept = [await open(), await open(), await open()];
  const refused = await open();
  if (!refused.destroyed) await closing(refused);
  expect(messages.join()).toContain('3 connections are open');
  for (const socket of kept) socket.destroy();
  await eventually(async () => {
    const socket = await open();
    const answer = Promise.race([once(socket, 'data').then(() => true), closing(socket).then(() => false)]);
    socket.write(frame(header(18, 0)));
    const isServed = await answer;
    socket.destroy();
    return isServed;
  });
});

it('many announced requests that never come take no memory and are cut at the common limit', async () => {
  await start({ limits: { maxBufferedBytes: 2_000_000 } });
  const greedy = await open();
  const closed = closing(greedy);
  const announced = Buffer.alloc(4);
  announced.writeInt32BE(50_000_000);
  greedy.write(announced);
  greedy.write(Buffer.alloc(3_000_000));
  await closed;
  expect(messages.join()).toContain('all clients together');
  await othersAreServed();
});

it('a client that never reads its answers is cut off', async () => {
  await start({ limits: { slowClientTimeoutMs: 300 } });
  const log = broker.store.createTopic('big', { partitions: 1 }).partitions[0]!;
  const value = Buffer.alloc(900_000, 'x');
  for (let i = 0; i < 40; i++) log.append(encodeBatch([{ key: null, value, timestamp: Date.now() }]));
  const socket = await open();
  socket.pause();
  const body = Buffer.concat([
    Buffer.from([0xff, 0xff, 0xff, 0xff]),
    Buffer.from([0, 0, 0, 0]),
    Buffer.from([0, 0, 0, 1]),
    Buffer.from([0x7f, 0xff, 0xff, 0xff]),
    Buffer.from([0]),
    Buffer.from([0, 0, 0, 1, 0, 3]),
    Buffer.from('big'),
    Buffer.from([0, 0, 0, 1, 0, 0, 0, 0]),
    Buffer.alloc(8),
    Buffer.from([0x7f, 0xff, 0xff, 0xff]),
  ]);
  for (let i = 0; i < 50; i++) socket.write(frame(Buffer.concat([header(1, 4), body])));
  await eventually(() => messages.some((message) => message.includes('has read no response')));
  await othersAreServed();
});

it('broken batches are refused one by one: checksum, length, bomb, control records, junk', async () => {
  await start();
  broker.store.createTopic('t', { partitions: 1 });
  const good = () => encodeBatch([{ key: null, value: Buffer.from('x'), timestamp: Date.now() }]);
  const wrongChecksum = good();
  wrongChecksum[wrongChecksum.length - 1]! ^= 1;
  const wrongLength = good();
  wrongLength.writeInt32BE(1_000_000, 8);
  const control = encodeBatch([{ key: Buffer.alloc(4), value: Buffer.alloc(6), timestamp: 1 }], {
    isControl: true,
  });
  const bomb = encodeBatch([{ key: null, value: Buffer.alloc(100_000_000), timestamp: Date.now() }], {
    compression: 'gzip',
  });
  const wrongCount = good();
  wrongCount.writeInt32BE(7, 57);
  wrongCount.writeInt32BE(6, 23);
  new RecordBatch(wrongCount).seal();
  const cases: [Buffer, number][] = [
    [wrongChecksum, 2],
    [wrongLength, 2],
    [control, 87],
    [bomb, 2],
    [wrongCount, 2],
    [Buffer.from('this is no batch at all, but it is long enough to look like one.....'), 43],
    [Buffer.alloc(3), 2],
    [Buffer.concat([good(), good()]), 87],
    [good(), 0],
  ];
  const socket = await open();
  for (const [batch, expected] of cases) {
    const size = Buffer.alloc(4);
    size.writeInt32BE(batch.length);
    const body = Buffer.concat([
      Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0x75, 0x30, 0, 0, 0, 1, 0, 1]),
      Buffer.from('t'),
      Buffer.from([0, 0, 0, 1, 0, 0, 0, 0]),
      size,
      batch,
    ]);
    const answer = once(socket, 'data');
    socket.write(frame(Buffer.concat([header(0, 3), body])));
    const [data] = (await answer) as [Buffer];
    expect(data.readInt16BE(8 + 4 + 3 + 4 + 4)).toBe(expected);
  }
  expect(broker.store.partition('t', 0)!.endOffset).toBe(1);
});
