import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Broker } from './broker.js';
import { errorCode } from './errors/error-codes.js';
import type { Api } from './protocol/api.js';
import { apis } from './protocol/api-list.js';
import { type EncodeOptions, encodeBatch } from './records/encode-batch.js';
import { Reader } from './records/reader.js';
import { batches } from './records/record-batch.js';
import { Writer } from './records/writer.js';

let broker: Broker;
let client: RawClient;
const log: string[] = [];

beforeEach(async () => {
  log.length = 0;
  broker = await Broker.start({ log: (_level, message) => log.push(message) });
  client = await RawClient.open(broker.port);
});

afterEach(async () => {
  client.close();
  await broker.stop();
});

/** Sends any bytes as a request of any API and version. */
class RawClient {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  #correlationId = 0;
  isClosed = false;

  static async open(port: number): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      socket.emit('progress');
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.isClosed = true;
      socket.emit('progress');
    });
  }

  /** The body of the answer, or undefined if the broker closed the connection. */
  async request(key: number, version: number, body: (writer: Writer) => void): Promise<Reader | undefined> {
    const api = apis.get(key) as Api;
    const isFlexible = version >= api.flexibleFrom;
    const header = new Writer(false)
      .int16(key)
      .int16(version)
      .int32(++this.#correlationId)
      .string('test');
    const writer = new Writer(isFlexible);
    if (isFlexible) writer.tags();
    body(writer);
    const bytes = Buffer.concat([...header.finish(), ...writer.finish()]);
    const size = Buffer.alloc(4);
    size.writeInt32BE(bytes.length);
    this.#socket.write(Buffer.concat([size, bytes]));
    for (;;) {
      const { length } = this.#received;
      if (length >= 4 && length >= 4 + this.#received.readInt32BE(0)) break;
      if (this.isClosed) return undefined;
      await once(this.#socket, 'progress');
    }
    const end = 4 + this.#received.readInt32BE(0);
    const reader = new Reader(this.#received.subarray(0, end), 4, isFlexible);
    this.#received = this.#received.subarray(end);
    expect(reader.int32()).toBe(this.#correlationId);
    if (isFlexible && key !== 18) reader.tags();
    return reader;
  }

  close(): void {
    this.#socket.destroy();
  }
}

function batch(values: readonly string[], options: EncodeOptions = {}): Buffer {
  const timestamp = Date.now();
  return encodeBatch(
    values.map((value) => ({ key: null, value: Buffer.from(value), timestamp })),
    options,
  );
}

/** Produces one batch to partition 0; version 8 carries error texts. */
async function produce(
  topic: string,
  records: Buffer,
  transactionalId: string | null = null,
): Promise<{ code: number; offset: number; message: string | null }> {
  const reader = (await client.request(0, 8, (writer) => {
    writer.string(transactionalId).int16(-1).int32(1000);
    writer.array([0], () => {
      writer.string(topic).array([0], (partition) => writer.int32(partition).bytes(records));
    });
  }))!;
  reader.int32();
  reader.string();
  reader.int32();
  reader.int32();
  const code = reader.int16();
  const offset = reader.int64();
  reader.int64();
  reader.int64();
  reader.array(() => [reader.int32(), reader.nullableString()]);
  return { code, offset, message: reader.nullableString() };
}

async function initProducer(
  transactionalId: string | null,
): Promise<{ producerId: number; producerEpoch: number }> {
  const reader = (await client.request(22, 4, (writer) => {
    writer.string(transactionalId).int32(60_000).int64(-1).int16(-1).tags();
  }))!;
  reader.int32();
  expect(reader.int16()).toBe(0);
  return { producerId: reader.int64(), producerEpoch: reader.int16() };
}

function values(topic: string): string[] {
  const found: string[] = [];
  const partition = broker.store.partition(topic, 0)!;
  for (const one of batches(partition.read(0, 1_000_000))) {
    if (one.isControl) continue;
    one.forEachRecord((_offset, _timestamp, _key, value) => found.push(String(value)));
  }
  return found;
}

describe('an idempotent producer', () => {
  beforeEach(() => {
    broker.store.createTopic('t', { partitions: 1 });
  });

  it('gets the first offset again for each of its last five batches, and nothing is written twice', async () => {
    const producer = await initProducer(null);
    const send = (sequence: number) =>
      produce('t', batch([`a${sequence}`, `b${sequence}`], { ...producer, baseSequence: sequence }));
    for (let i = 0; i < 6; i++) expect(await send(i * 2)).toMatchObject({ code: 0, offset: i * 2 });
    for (let i = 1; i < 6; i++) expect(await send(i * 2)).toMatchObject({ code: 0, offset: i * 2 });
    expect((await send(0)).code).toBe(errorCode('OUT_OF_ORDER_SEQUENCE_NUMBER'));
    expect(values('t')).toHaveLength(12);
  });

  it('is told of gaps and of newer epochs', async () => {
    const producer = await initProducer(null);
    const send = (baseSequence: number, producerEpoch = 0) =>
      produce('t', batch(['x'], { ...producer, producerEpoch, baseSequence }));
    expect((await send(0)).code).toBe(0);
    expect((await send(2)).code).toBe(errorCode('OUT_OF_ORDER_SEQUENCE_NUMBER'));
    expect((await send(5, 1)).code).toBe(errorCode('OUT_OF_ORDER_SEQUENCE_NUMBER'));
    expect((await send(0, 1)).code).toBe(0);
    expect((await send(1, 0)).code).toBe(errorCode('INVALID_PRODUCER_EPOCH'));
    expect(values('t')).toHaveLength(2);
  });

  it('goes on at 0 after sequence 2147483647', async () => {
    const producer = await initProducer(null);
    const send = (count: number, baseSequence: number) =>
      produce('t', batch(Array(count).fill('x'), { ...producer, baseSequence }));
    expect((await send(1, 2147483645)).code).toBe(0);
    expect((await send(4, 2147483646)).code).toBe(0);
    expect((await send(1, 2)).code).toBe(0);
    expect((await send(1, 4)).code).toBe(errorCode('OUT_OF_ORDER_SEQUENCE_NUMBER'));
  });
});

describe('a transactional producer', () => {
  beforeEach(() => {
    broker.store.createTopic('t', { partitions: 1 });
  });

  it('may write only to partitions of its open transaction, and only as itself', async () => {
    const producer = await initProducer('tx');
    const send = (options: EncodeOptions, id: string | null = 'tx') =>
      produce('t', batch(['x'], { ...producer, isTransactional: true, baseSequence: 0, ...options }), id);
    expect((await send({})).code).toBe(errorCode('INVALID_TXN_STATE'));
    broker.store.createTopic('u', { partitions: 1 });
    await client.request(24, 3, (writer) => {
      writer.string('tx').int64(producer.producerId).int16(producer.producerEpoch);
      writer.array(['u'], (topic) =>
        writer
          .string(topic)
          .array([0], (n) => writer.int32(n))
          .tags(),
      );
      writer.tags();
    });
    expect((await send({})).code).toBe(errorCode('INVALID_TXN_STATE'));
    await client.request(24, 3, (writer) => {
      writer.string('tx').int64(producer.producerId).int16(producer.producerEpoch);
      writer.array(['t'], (topic) =>
        writer
          .string(topic)
          .array([0], (n) => writer.int32(n))
          .tags(),
      );
      writer.tags();
    });
    expect((await send({ producerId: 4711 })).code).toBe(errorCode('INVALID_PRODUCER_ID_MAPPING'));
    expect((await send({}, 'other')).code).toBe(errorCode('INVALID_PRODUCER_ID_MAPPING'));
    expect((await send({})).code).toBe(0);
    expect(broker.store.partition('t', 0)!.lastStableOffset).toBe(0);
    await initProducer('tx');
    expect(broker.store.partition('t', 0)!.lastStableOffset).toBe(2);
    expect((await send({ baseSequence: 1 })).code).toBe(errorCode('INVALID_PRODUCER_EPOCH'));
  });

  it('may ask for a new epoch with its own, also twice, but not once a new instance has taken over', async () => {
    const bump = async (known: { producerId: number; producerEpoch: number }) => {
      const reader = (await client.request(22, 4, (writer) => {
        writer.string('tx').int32(60_000).int64(known.producerId).int16(known.producerEpoch).tags();
      }))!;
      reader.int32();
      return { code: reader.int16(), producerId: reader.int64(), producerEpoch: reader.int16() };
    };
    const old = await initProducer('tx');
    expect(await bump(old)).toEqual({ ...old, code: 0, producerEpoch: 1 });
    expect(await bump(old)).toEqual({ ...old, code: 0, producerEpoch: 1 });
    const young = await initProducer('tx');
    expect(young).toEqual({ ...old, producerEpoch: 2 });
    for (const producerEpoch of [0, 1]) {
      expect((await bump({ ...old, producerEpoch })).code).toBe(errorCode('PRODUCER_FENCED'));
    }
    expect(await bump(young)).toEqual({ ...old, code: 0, producerEpoch: 3 });
  });

  it('that is silent for longer than its timeout loses its transaction', async () => {
    const reader = (await client.request(22, 4, (writer) => {
      writer.string('slow').int32(100).int64(-1).int16(-1).tags();
    }))!;
    reader.int32();
    reader.int16();
    const producer = { producerId: reader.int64(), producerEpoch: reader.int16() };
    await client.request(24, 3, (writer) => {
      writer.string('slow').int64(producer.producerId).int16(producer.producerEpoch);
      writer.array(['t'], (topic) =>
        writer
          .string(topic)
          .array([0], (n) => writer.int32(n))
          .tags(),
      );
      writer.tags();
    });
    await produce('t', batch(['x'], { ...producer, isTransactional: true, baseSequence: 0 }), 'slow');
    const partition = broker.store.partition('t', 0)!;
    await new Promise<void>((resolve) => {
      partition.subscribe(resolve);
    });
    expect(partition.lastStableOffset).toBe(2);
    const [records, marker] = [...batches(partition.read(0, 10_000))];
    expect([records, marker].map((one) => partition.isCommitted(one!))).toEqual([false, false]);
    const ended = (await client.request(26, 3, (writer) => {
      writer.string('slow').int64(producer.producerId).int16(producer.producerEpoch).boolean(true).tags();
    }))!;
    ended.int32();
    expect(ended.int16()).toBe(errorCode('PRODUCER_FENCED'));
  });
});

describe('every API in every version', () => {
  it('survives noise: it answers or closes this connection, and the next one is served', async () => {
    broker.store.createTopic('t', { partitions: 1 });
    const all = [...apis.values()].flatMap((api) => {
      const [first, last] = api.versions;
      return Array.from({ length: last - first + 1 }, (_, i) => ({ api, version: first + i }));
    });
    for (const { api, version } of all) {
      for (const noise of fc.sample(fc.uint8Array({ maxLength: 60 }), { numRuns: 12, seed: version })) {
        const raw = await RawClient.open(broker.port);
        const answered = raw.request(api.key, version, (writer) => writer.raw(noise));
        await Promise.race([answered, new Promise((resolve) => setTimeout(resolve, 50))]);
        raw.close();
      }
    }
    expect(log.filter((line) => /TypeError|RangeError|ReferenceError/.test(line))).toEqual([]);
    expect((await produce('t', batch(['still here']))).code).toBe(0);
  });

  it('answers a version of ApiVersions from the future with what it serves, in the oldest form', async () => {
    const reader = (await client.request(18, 99, (writer) => writer.string('x').string('y').tags()))!;
    const plain = new Reader(reader.buffer, 8, false);
    expect(plain.int16()).toBe(errorCode('UNSUPPORTED_VERSION'));
    const keys = plain.array(() => [plain.int16(), plain.int16(), plain.int16()]);
    expect(keys.find(([key]) => key === 18)).toEqual([18, 0, 4]);
    expect(keys.find(([key]) => key === 0)).toEqual([0, 0, 11]);
    expect(plain.remaining).toBe(0);
  });
});
