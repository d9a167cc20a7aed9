/**
 * Encodes values compactly for changelogs and stored aggregates. Exact for every type. No other program reads this
 * format.
 *
 * Layout: a version byte, then the value. A value is a byte 0 for NULL, or a byte 1 followed by its content:
 * - BOOLEAN: 1 byte
 * - INTEGER: 4 bytes
 * - BIGINT: 8 bytes
 * - DOUBLE, DATE, TIME, TIMESTAMP: an 8-byte double
 * - STRING: a varint (length in bytes * 4 + encoding: ASCII, UTF-8 or UTF-16), then the text
 * - BYTES: a varint with the length, then the bytes
 * - DECIMAL: a zigzag varint with the scale, a varint with the length, then the unscaled number in two's complement
 * - ARRAY, MAP: a varint with the count, then the values, or key and value in turn
 * - STRUCT: the values of the fields
 */
import { PaystreamError } from '../../../errors/paystream-error.js';
import type { SqlType } from '../../../sql/sql-type.js';
import { Decimal } from '../types/decimal.js';
import type { Value } from '../types/value.js';

const VERSION = 1;
const loneSurrogate = /[\ud800-\udfff]/u;

const ASCII = 0;
const UTF8 = 1;
const UTF16 = 2;
const encodings: readonly BufferEncoding[] = ['latin1', 'utf8', 'utf16le'];

/** Encodes and decodes the values of one type. */
export interface StateCodec {
  encode(value: Value): Buffer;
  /** @throws PaystreamError STATE_CORRUPT if the bytes are not what `encode` wrote for this type */
  decode(bytes: Buffer): Value;
}

/** Creates the codec of a type. Reuse it, because creating one is slow. */
export function stateCodec(type: SqlType): StateCodec {
  const write = nullableWriter(type);
  const read = nullableReader(type);
  const out = new StateOutput();
  return {
    encode(value) {
      out.byte(VERSION);
      write(out, value);
      return out.take();
    },
    decode(bytes) {
      const input = new StateInput(bytes);
      const version = input.byte();
      if (version !== VERSION) {
        throw corrupt(`written by version ${version} of the layout, and this one reads ${VERSION}`);
      }
      const value = read(input);
      if (!input.atEnd) throw corrupt('more bytes than the type has');
      return value;
    },
  };
}

export function encodeValue(type: SqlType, value: Value): Buffer {
  return stateCodec(type).encode(value);
}

export function decodeValue(type: SqlType, bytes: Buffer): Value {
  return stateCodec(type).decode(bytes);
}

type Write = (out: StateOutput, value: Exclude<Value, null>) => void;
type Read = (input: StateInput) => Value;

function nullableWriter(type: SqlType): (out: StateOutput, value: Value) => void {
  const write = writer(type);
  return (out, value) => {
    if (value === null) out.byte(0);
    else {
      out.byte(1);
      write(out, value);
    }
  };
}

function nullableReader(type: SqlType): Read {
  const read = reader(type);
  return (input) => {
    const mark = input.byte();
    if (mark > 1) throw corrupt(`a value begins with ${mark}`);
    return mark === 0 ? null : read(input);
  };
}

function writer(type: SqlType): Write {
  switch (type.base) {
    case 'BOOLEAN':
      return (out, value) => out.byte(value === true ? 1 : 0);
    case 'INTEGER':
      return (out, value) => out.int32(value as number);
    case 'BIGINT':
      return (out, value) => out.int64(value as bigint);
    case 'DOUBLE':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return (out, value) => out.double(value as number);
    case 'STRING':
      return (out, value) => out.text(value as string);
    case 'BYTES':
      return (out, value) => {
        out.varint((value as Buffer).length);
        out.bytes(value as Buffer);
      };
    case 'DECIMAL':
      return (out, value) => out.decimal(value as Decimal);
    case 'ARRAY': {
      const write = nullableWriter(type.element);
      return (out, value) => {
        const elements = value as readonly Value[];
        out.varint(elements.length);
        for (const element of elements) write(out, element);
      };
    }
    case 'MAP': {
      const writeKey = nullableWriter(type.key);
      const writeValue = nullableWriter(type.value);
      return (out, value) => {
        const map = value as ReadonlyMap<Value, Value>;
        out.varint(map.size);
        for (const [key, entry] of map) {
          writeKey(out, key);
          writeValue(out, entry);
        }
      };
    }
    case 'STRUCT': {
      const writers = type.fields.map((field) => nullableWriter(field.type));
      return (out, value) => {
        const values = value as readonly Value[];
        for (let i = 0; i < writers.length; i++) writers[i]!(out, values[i]!);
      };
    }
  }
}

function reader(type: SqlType): Read {
  switch (type.base) {
    case 'BOOLEAN':
      return (input) => input.byte() === 1;
    case 'INTEGER':
      return (input) => input.int32();
    case 'BIGINT':
      return (input) => input.int64();
    case 'DOUBLE':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return (input) => input.double();
    case 'STRING':
      return (input) => input.text();
    case 'BYTES':
      // Copy the bytes, because a slice would keep the whole record in memory.
      return (input) => Buffer.from(input.bytes(input.varint()));
    case 'DECIMAL':
      return (input) => input.decimal();
    case 'ARRAY': {
      const read = nullableReader(type.element);
      return (input) => {
        const values: Value[] = [];
        for (let left = input.count(1); left > 0; left--) values.push(read(input));
        return values;
      };
    }
    case 'MAP': {
      const readKey = nullableReader(type.key);
      const readValue = nullableReader(type.value);
      return (input) => {
        const map = new Map<Value, Value>();
        for (let left = input.count(2); left > 0; left--) {
          const key = readKey(input);
          map.set(key, readValue(input));
        }
        return map;
      };
    }
    case 'STRUCT': {
      const readers = type.fields.map((field) => nullableReader(field.type));
      return (input) => {
        const values = new Array<Value>(readers.length);
        for (let i = 0; i < readers.length; i++) values[i] = readers[i]!(input);
        return values;
      };
    }
  }
}

class StateOutput {
  #bytes = Buffer.allocUnsafe(1024);
  #length = 0;

  take(): Buffer {
    const taken = Buffer.allocUnsafe(this.#length);
    this.#bytes.copy(taken, 0, 0, this.#length);
    this.#length = 0;
    if (this.#bytes.length > 1 << 20) this.#bytes = Buffer.allocUnsafe(1024);
    return taken;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  int32(value: number): void {
    this.#reserve(4);
    this.#length = this.#bytes.writeInt32BE(value, this.#length);
  }

  int64(value: bigint): void {
    this.#reserve(8);
    this.#length = this.#bytes.writeBigInt64BE(value, this.#length);
  }

  double(value: number): void {
    this.#reserve(8);
    this.#length = this.#bytes.writeDoubleBE(value, this.#length);
  }

  varint(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest > 0x7f) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  bytes(value: Buffer): void {
    this.#reserve(value.length);
    this.#length += value.copy(this.#bytes, this.#length);
  }

  text(value: string): void {
    const { length } = value;
    this.#reserve(length + 8);
    const from = this.#length;
    this.varint(length * 4 + ASCII);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let i = 0; i < length; i++) {
      const c = value.charCodeAt(i);
      if (c > 0x7f) {
        this.#length = from;
        this.#wideText(value);
        return;
      }
      bytes[at++] = c;
    }
    this.#length = at;
  }

  #wideText(value: string): void {
    // UTF-8 cannot represent a lone surrogate, but a column can contain one.
    const kind = loneSurrogate.test(value) ? UTF16 : UTF8;
    const encoding = encodings[kind]!;
    const size = Buffer.byteLength(value, encoding);
    this.varint(size * 4 + kind);
    this.#reserve(size);
    this.#length += this.#bytes.write(value, this.#length, encoding);
  }

  decimal({ unscaled, scale }: Decimal): void {
    this.varint(scale < 0 ? -scale * 2 - 1 : scale * 2);
    if (BigInt.asIntN(64, unscaled) === unscaled) {
      this.varint(8);
      this.int64(unscaled);
      return;
    }
    const words = Math.ceil((unscaled.toString(16).length + 1) / 16);
    this.varint(words * 8);
    for (let word = words - 1; word >= 0; word--) {
      this.int64(BigInt.asIntN(64, unscaled >> BigInt(word * 64)));
    }
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}

class StateInput {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  byte(): number {
    return this.#bytes[this.#skip(1)]!;
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#skip(4));
  }

  int64(): bigint {
    return this.#bytes.readBigInt64BE(this.#skip(8));
  }

  double(): number {
    return this.#bytes.readDoubleBE(this.#skip(8));
  }

  varint(): number {
    let value = 0;
    let unit = 1;
    for (let i = 0; i < 7; i++) {
      const byte = this.byte();
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value;
      unit *= 0x80;
    }
    throw corrupt('a length of more than 49 bits');
  }

  /** Reads the count of a collection whose elements take at least `size` bytes each. */
  count(size: number): number {
    const count = this.varint();
    if (count * size > this.#bytes.length - this.#at)
      throw corrupt('a count beyond the bytes that are there');
    return count;
  }

  bytes(length: number): Buffer {
    const from = this.#skip(length);
    return this.#bytes.subarray(from, from + length);
  }

  text(): string {
    const mark = this.varint();
    const size = Math.floor(mark / 4);
    const encoding = encodings[mark % 4];
    if (encoding === undefined) throw corrupt('a text of unknown encoding');
    const from = this.#skip(size);
    return this.#bytes.toString(encoding, from, from + size);
  }

  decimal(): Decimal {
    const mark = this.varint();
    const scale = mark % 2 === 1 ? -(mark + 1) / 2 : mark / 2;
    const words = this.varint() / 8;
    if (!Number.isInteger(words) || words < 1) throw corrupt('a decimal of broken words');
    let unscaled = this.int64();
    for (let left = words - 1; left > 0; left--) {
      unscaled = (unscaled << 64n) | BigInt.asUintN(64, this.int64());
    }
    return new Decimal(unscaled, scale);
  }

  #skip(length: number): number {
    const from = this.#at;
    if (length > this.#bytes.length - from) throw corrupt('fewer bytes than the type has');
    this.#at = from + length;
    return from;
  }
}

function corrupt(reason: string): PaystreamError {
  return new PaystreamError('STATE_CORRUPT', `A stored value cannot be read: ${reason}.`, {
    hint: 'The state is damaged or was written for another type. Drop the query and create it again.',
  });
}
