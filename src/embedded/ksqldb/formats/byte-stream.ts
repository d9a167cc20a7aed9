/** Reads and writes the primitive encodings of Avro and Protobuf. */
import { DataError } from './connect/translate.js';

/** Integers below this limit are still exact as doubles when they are doubled. */
const maxHalf = 2 ** 51;

export class ByteReader {
  readonly #bytes: Buffer;
  #at: number;
  readonly #end: number;

  constructor(bytes: Buffer, from = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = from;
    this.#end = end;
  }

  get left(): number {
    return this.#end - this.#at;
  }

  byte(): number {
    return this.#bytes[this.#skip(1)]!;
  }

  /** Reads an unsigned 64-bit varint, seven bits per byte. */
  varint(): bigint {
    let low = 0;
    let unit = 1;
    // Seven bytes hold 49 bits, which a double holds exactly.
    for (let i = 0; i < 7; i++) {
      const byte = this.byte();
      low += (byte & 0x7f) * unit;
      if (byte < 0x80) return BigInt(low);
      unit *= 0x80;
    }
    let value = BigInt(low);
    for (let bits = 49n; bits < 70n; bits += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << bits;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new DataError('The number has more than 64 bits');
  }

  /** Reads a varint as a number, for lengths, tags and counts. Exact below 2^53. */
  size(): number {
    let value = 0;
    let unit = 1;
    for (let i = 0; i < 10; i++) {
      const byte = this.byte();
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value;
      unit *= 0x80;
    }
    throw new DataError('The number has more than 64 bits');
  }

  /** Reads a zigzag varint as a number, for lengths, counts and 32-bit integers. Exact below 2^52. */
  signedSize(): number {
    const value = this.size();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** A signed 64-bit zigzag varint, which is short for small numbers. */
  zigzag(): bigint {
    const value = this.varint();
    return (value >> 1n) ^ -(value & 1n);
  }

  float(): number {
    return this.#bytes.readFloatLE(this.#skip(4));
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#skip(8));
  }

  fixed32(): number {
    return this.#bytes.readUInt32LE(this.#skip(4));
  }

  fixed64(): bigint {
    return this.#bytes.readBigUInt64LE(this.#skip(8));
  }

  text(length: number): string {
    const from = this.#skip(length);
    return this.#bytes.toString('utf8', from, from + length);
  }

  /** Returns a view, not a copy. */
  bytes(length: number): Buffer {
    const from = this.#skip(length);
    return this.#bytes.subarray(from, from + length);
  }

  /** Returns a reader of the next `length` bytes, and skips them. */
  part(length: number): ByteReader {
    const from = this.#skip(length);
    return new ByteReader(this.#bytes, from, from + length);
  }

  #skip(length: number): number {
    const from = this.#at;
    if (!(length >= 0) || length > this.#end - from) throw new DataError('The record is truncated');
    this.#at = from + length;
    return from;
  }
}

export class ByteWriter {
  #bytes = Buffer.allocUnsafe(256);
  #length = 0;

  /** Returns a copy of the written bytes and empties the writer. */
  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
    return taken;
  }

  /** Discards the written bytes, for example after an error. */
  reset(): void {
    this.#length = 0;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  varint(value: bigint): void {
    const n = Number(value);
    if (n >= 0 && n < maxHalf) {
      this.size(n);
      return;
    }
    this.#reserve(10);
    let rest = BigInt.asUintN(64, value);
    while (rest > 0x7fffffffn) {
      this.#bytes[this.#length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    let small = Number(rest);
    while (small > 0x7f) {
      this.#bytes[this.#length++] = (small & 0x7f) | 0x80;
      small >>>= 7;
    }
    this.#bytes[this.#length++] = small;
  }

  zigzag(value: bigint): void {
    const n = Number(value);
    if (n > -maxHalf && n < maxHalf) this.signedSize(n);
    else this.varint((value << 1n) ^ (value >> 63n));
  }

  /** Writes a non-negative integer below 2^53 as a varint. */
  size(value: number): void {
    this.#reserve(10);
    let rest = value;
    while (rest > 0x7fffffff) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    while (rest > 0x7f) {
      this.#bytes[this.#length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#length++] = rest;
  }

  /** Writes an integer of less than 52 bits as a zigzag varint. */
  signedSize(value: number): void {
    this.size(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** Writes a text whose UTF-8 encoding has `size` bytes. */
  text(value: string, size: number): void {
    this.#reserve(size);
    this.#length += this.#bytes.write(value, this.#length, 'utf8');
  }

  float(value: number): void {
    this.#reserve(4);
    this.#length = this.#bytes.writeFloatLE(value, this.#length);
  }

  double(value: number): void {
    this.#reserve(8);
    this.#length = this.#bytes.writeDoubleLE(value, this.#length);
  }

  fixed32(value: number): void {
    this.#reserve(4);
    this.#length = this.#bytes.writeUInt32LE(value >>> 0, this.#length);
  }

  fixed64(value: bigint): void {
    this.#reserve(8);
    this.#length = this.#bytes.writeBigUInt64LE(BigInt.asUintN(64, value), this.#length);
  }

  bytes(value: Buffer): void {
    this.#reserve(value.length);
    this.#length += value.copy(this.#bytes, this.#length);
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
