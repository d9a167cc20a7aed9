/**
 * PRINT guesses the formats of a topic: it tries all formats on each record and drops those that fail.
 *
 * Source: https://docs.ksqldb.io/en/latest/developer-guide/ksqldb-reference/print/
 */
import { parseExactJson } from '../jackson-json.js';
import { formatJavaDouble } from '../types/java-double.js';

/** Returns undefined if the bytes are not in this format. */
type Reader = (bytes: Buffer) => string | undefined;

interface Candidate {
  readonly name: string;
  readonly read: Reader;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function text(bytes: Buffer): string | undefined {
  if (bytes.length === 0) return undefined;
  try {
    const decoded = utf8.decode(bytes);
    return decoded.includes('\uFFFD') ? undefined : decoded;
  } catch {
    return undefined;
  }
}

function json(bytes: Buffer): string | undefined {
  const decoded = text(bytes);
  if (decoded === undefined) return undefined;
  try {
    parseExactJson(decoded);
    return decoded;
  } catch {
    return undefined;
  }
}

const inner: readonly Candidate[] = [
  { name: 'JSON', read: json },
  { name: 'KAFKA_INT', read: (bytes) => (bytes.length === 4 ? String(bytes.readInt32BE()) : undefined) },
  {
    name: 'KAFKA_BIGINT',
    read: (bytes) => (bytes.length === 8 ? String(bytes.readBigInt64BE()) : undefined),
  },
  {
    name: 'KAFKA_DOUBLE',
    read: (bytes) => (bytes.length === 8 ? formatJavaDouble(bytes.readDoubleBE()) : undefined),
  },
  { name: 'KAFKA_STRING', read: text },
];

const unrecognised: Candidate = { name: 'UNRECOGNISED_BYTES', read: shownBytes };

/** Formats bytes like Kafka's Bytes class: printable characters unchanged, others in hexadecimal. */
function shownBytes(bytes: Buffer): string {
  let shown = '';
  for (const byte of bytes) {
    shown +=
      byte >= 0x20 && byte <= 0x7e && byte !== 0x5c
        ? String.fromCharCode(byte)
        : `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return shown;
}

/** A key followed by the window's start. */
function timeWindowed(read: Reader): Reader {
  return (bytes) => {
    if (bytes.length < 8) return undefined;
    const start = bytes.readBigInt64BE(bytes.length - 8);
    const key = start < 0n ? undefined : read(bytes.subarray(0, bytes.length - 8));
    return key === undefined ? undefined : `[${key}@${start}/-]`;
  };
}

/** A key followed by the session's end and start. */
function sessionWindowed(read: Reader): Reader {
  return (bytes) => {
    if (bytes.length < 16) return undefined;
    const end = bytes.readBigInt64BE(bytes.length - 16);
    const start = bytes.readBigInt64BE(bytes.length - 8);
    const key = start < 0n || end < start ? undefined : read(bytes.subarray(0, bytes.length - 16));
    return key === undefined ? undefined : `[${key}@${start}/${end}]`;
  };
}

function withWindows({ name, read }: Candidate): readonly Candidate[] {
  return [
    { name: `SESSION(${name})`, read: sessionWindowed(read) },
    { name: `HOPPING(${name})`, read: timeWindowed(read) },
    { name: `TUMBLING(${name})`, read: timeWindowed(read) },
    { name, read },
  ];
}

const noData = '¯\\_(ツ)_/¯ - no data processed';

/** The formats that the keys or values of a topic may still have. */
export class FormatGuess {
  #candidates: readonly Candidate[];
  #hasSeenData = false;

  constructor(isKey: boolean) {
    this.#candidates = [...(isKey ? inner.flatMap(withWindows) : inner), unrecognised];
  }

  get names(): readonly string[] {
    if (!this.#hasSeenData) return [noData];
    return this.#candidates.filter((candidate) => candidate !== unrecognised).map(({ name }) => name);
  }

  format(bytes: Buffer | null): string {
    if (bytes === null) return '<null>';
    this.#hasSeenData = true;
    let first: string | undefined;
    this.#candidates = this.#candidates.filter(({ read }) => {
      const shown = read(bytes);
      first ??= shown;
      return shown !== undefined;
    });
    return first ?? '<Failed to deserialize>';
  }
}
