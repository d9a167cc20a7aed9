import kafkajs from 'kafkajs';

const METADATA = 3;
/** The first version of Metadata that returns topic ids (KIP-516). It is the first one after 9, the first flexible. */
const VERSION = 10;
const NO_ID = '0'.repeat(32);
/** Kafka's names for the errors that a topic can have in a Metadata response. */
const ERROR_NAMES: Readonly<Record<number, string>> = {
  3: 'UNKNOWN_TOPIC_OR_PARTITION',
  5: 'LEADER_NOT_AVAILABLE',
  17: 'INVALID_TOPIC_EXCEPTION',
  29: 'TOPIC_AUTHORIZATION_FAILED',
};

interface Encoded {
  readonly buf: Buffer;
  readonly buffer: Buffer;
}

/** The parts of kafkajs below its public API that a request of our own needs. */
interface KafkajsBroker {
  readonly versions: Readonly<Record<number, { readonly maxVersion: number } | undefined>>;
  readonly connectionPool: {
    send<T>(exchange: {
      readonly request: {
        readonly apiKey: number;
        readonly apiVersion: number;
        readonly apiName: string;
        encode(): Promise<Encoded>;
      };
      readonly response: {
        decode(payload: Buffer): Promise<Buffer>;
        parse(payload: Buffer): Promise<T>;
      };
    }): Promise<T>;
  };
}

interface KafkajsCluster {
  connect(): Promise<void>;
  refreshMetadata(): Promise<void>;
  disconnect(): Promise<void>;
  findControllerBroker(): Promise<KafkajsBroker>;
}

type CreateCluster = (options: { readonly allowAutoTopicCreation: boolean }) => KafkajsCluster;

/**
 * Asks the broker for the id of a topic, which changes when a topic is deleted and created again. kafkajs stops at
 * version 6 of Metadata, which has no ids, so the request is encoded here and sent over a connection of kafkajs.
 *
 * @returns 32 hex digits; null only if the broker reports no ids, as before Kafka 2.8
 * @throws KafkaJSProtocolError if the topic does not exist or must not be read
 */
export async function fetchTopicId(kafka: kafkajs.Kafka, topic: string): Promise<string | null> {
  const symbol = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  );
  if (symbol === undefined) throw new Error('This version of kafkajs has no connection for own requests.');
  const createCluster = (kafka as unknown as Readonly<Record<symbol, CreateCluster>>)[symbol]!;
  const cluster = createCluster({ allowAutoTopicCreation: false });
  try {
    await cluster.connect();
    await cluster.refreshMetadata();
    const broker = await cluster.findControllerBroker();
    if ((broker.versions[METADATA]?.maxVersion ?? 0) < VERSION) return null;
    const body = encodeMetadataRequest(topic);
    return await broker.connectionPool.send({
      request: {
        apiKey: METADATA,
        apiVersion: VERSION,
        apiName: 'Metadata',
        encode: async () => ({ buf: body, buffer: body }),
      },
      response: { decode: async (payload) => payload, parse: async (payload) => decodeTopicId(payload) },
    });
  } finally {
    await cluster.disconnect();
  }
}

/**
 * Tagged fields of request header 2 (kafkajs writes header 1), then:
 * topics => COMPACT_ARRAY [topic_id UUID, name COMPACT_STRING], three BOOLEANs.
 */
export function encodeMetadataRequest(topic: string): Buffer {
  const name = Buffer.from(topic);
  return Buffer.concat([
    Buffer.from([0, 2]),
    Buffer.alloc(16),
    uvarint(name.length + 1),
    name,
    // No tagged fields; no topic creation, no authorized operations; no tagged fields.
    Buffer.from([0, 0, 0, 0, 0]),
  ]);
}

/**
 * Reads the id of the only topic in a Metadata response of version 10; null if the broker reports no ids.
 *
 * @throws KafkaJSProtocolError if the response has an error in place of the topic
 */
export function decodeTopicId(payload: Buffer): string | null {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = payload.readUInt8(at++);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const skip = (bytes: number) => {
    at += bytes;
  };
  // A compact string has its length plus one in front; 0 stands for null.
  const skipString = () => skip(Math.max(0, varint() - 1));
  const skipTags = () => {
    for (let left = varint(); left > 0; left--) {
      varint();
      skip(varint());
    }
  };
  skipTags();
  skip(4); // throttle_time_ms
  for (let left = varint() - 1; left > 0; left--) {
    skip(4); // node_id
    skipString(); // host
    skip(4); // port
    skipString(); // rack
    skipTags();
  }
  skipString(); // cluster_id
  skip(4); // controller_id
  if (varint() < 2) throw topicError(3);
  const errorCode = payload.readInt16BE(at);
  if (errorCode !== 0) throw topicError(errorCode);
  skip(2);
  skipString(); // name
  const id = payload.toString('hex', at, at + 16);
  return id === NO_ID ? null : id;
}

function topicError(code: number): Error {
  const type = ERROR_NAMES[code] ?? `error ${code}`;
  // kafkajs creates its own protocol errors from plain objects as well.
  const cause = Object.assign(new Error(`The broker cannot describe the topic: ${type}`), { type, code });
  return new kafkajs.KafkaJSProtocolError(cause);
}

function uvarint(value: number): Buffer {
  const bytes = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 0x7f) | 0x80);
  }
}
