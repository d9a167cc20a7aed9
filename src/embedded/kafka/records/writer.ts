import { writeInt64 } from './int64.js';

const firstSize = 512;

/**
 * Writes the protocol's primitive types. Record batches are not copied: the result is a list of buffers for one
 * vectored write.
 */
export class Writer {
  readonly isFlexible: boolean;
  readonly #done: Buffer[] = [];
  #buffer: Buffer;
  #at = 0;
  #doneBytes = 0;

  constructor(isFlexible: boolean) {
    this.isFlexible = isFlexible;
    this.#buffer = Buffer.allocUnsafe(firstSize);
  }

  get length(): number {
    return this.#doneBytes + this.#at;
  }

  int8(value: number): this {
    this.#reserve(1);
    this.#buffer.writeInt8(value, this.#at);
    this.#at += 1;
    return this;
  }

  int16(value: number): this {
    this.#reserve(2);
    this.#buffer.writeInt16BE(value, this.#at);
    this.#at += 2;
    return this;
  }

  int32(value: number): this {
    this.#reserve(4);
    this.#buffer.writeInt32BE(value, this.#at);
    this.#at += 4;
    return this;
  }

  int64(value: number): this {
    this.#reserve(8);
    writeInt64(this.#buffer, value, this.#at);
    this.#at += 8;
    return this;
  }

  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0);
  }

  uuid(hex: string): this {
    this.#reserve(16);
    this.#buffer.write(hex, this.#at, 'hex');
    this.#at += 16;
    return this;
  }

  unsignedVarint(value: number): this {
    this.#reserve(5);
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[this.#at++] = (rest & 0x7f) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[this.#at++] = rest;
    return this;
  }

  string(value: string | null): this {
    if (value === null) return this.isFlexible ? this.unsignedVarint(0) : this.int16(-1);
    const length = Buffer.byteLength(value);
    if (this.isFlexible) this.unsignedVarint(length + 1);
    else this.int16(length);
    this.#reserve(length);
    this.#at += this.#buffer.write(value, this.#at, 'utf8');
    return this;
  }

  bytes(value: Buffer | null): this {
    if (value === null) return this.isFlexible ? this.unsignedVarint(0) : this.int32(-1);
    this.#bytesLength(value.length);
    this.#reserve(value.length);
    this.#buffer.set(value, this.#at);
    this.#at += value.length;
    return this;
  }

  /** Writes the concatenated pieces like `bytes`, without copying. They must not change until they are sent. */
  bytesByReference(pieces: readonly Buffer[]): this {
    let length = 0;
    for (const piece of pieces) length += piece.length;
    this.#bytesLength(length);
    if (length === 0) return this;
    this.#done.push(this.#buffer.subarray(0, this.#at), ...pieces);
    this.#doneBytes += this.#at + length;
    this.#buffer = this.#buffer.subarray(this.#at);
    this.#at = 0;
    return this;
  }

  array<T>(items: Iterable<T> | null, write: (item: T) => void): this {
    if (items === null) return this.isFlexible ? this.unsignedVarint(0) : this.int32(-1);
    const list = Array.isArray(items) ? (items as readonly T[]) : [...items];
    if (this.isFlexible) this.unsignedVarint(list.length + 1);
    else this.int32(list.length);
    for (const item of list) write(item);
    return this;
  }

  /** Writes an empty list of tagged fields, in flexible versions only. */
  tags(): this {
    return this.isFlexible ? this.unsignedVarint(0) : this;
  }

  /** Copies bytes that are already encoded. */
  raw(value: Uint8Array): this {
    this.#reserve(value.length);
    this.#buffer.set(value, this.#at);
    this.#at += value.length;
    return this;
  }

  /** Returns everything that was written, in order. */
  finish(): readonly Buffer[] {
    return this.#done.length === 0
      ? [this.#buffer.subarray(0, this.#at)]
      : [...this.#done, this.#buffer.subarray(0, this.#at)];
  }

  #bytesLength(length: number): void {
    if (this.isFlexible) this.unsignedVarint(length + 1);
    else this.int32(length);
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(firstSize, this.#buffer.length * 2, this.#at + bytes));
    grown.set(this.#buffer.subarray(0, this.#at));
    this.#buffer = grown;
  }
}
