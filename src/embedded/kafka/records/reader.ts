import { readInt64 } from './int64.js';

/** A request is malformed. The connection must be closed, because nothing after it can be trusted. */
export class MalformedRequest extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MalformedRequest';
  }
}

/**
 * Reads the protocol's primitive types (https://kafka.apache.org/protocol#protocol_types) from a request.
 * `isFlexible` selects the compact forms of strings, bytes and arrays, and makes `tags` read tagged fields. Every read
 * is checked against the end of the request, and the length of an array against the remaining bytes.
 */
export class Reader {
  readonly buffer: Buffer;
  readonly isFlexible: boolean;
  position: number;

  constructor(buffer: Buffer, position: number, isFlexible: boolean) {
    this.buffer = buffer;
    this.position = position;
    this.isFlexible = isFlexible;
  }

  get remaining(): number {
    return this.buffer.length - this.position;
  }

  int8(): number {
    return this.buffer.readInt8(this.#take(1));
  }

  int16(): number {
    return this.buffer.readInt16BE(this.#take(2));
  }

  int32(): number {
    return this.buffer.readInt32BE(this.#take(4));
  }

  /** Reads an offset, timestamp or producer id, which are all below 2^53. */
  int64(): number {
    return readInt64(this.buffer, this.#take(8));
  }

  boolean(): boolean {
    return this.int8() !== 0;
  }

  /** Returns 32 hex digits. */
  uuid(): string {
    const at = this.#take(16);
    return this.buffer.toString('hex', at, at + 16);
  }

  unsignedVarint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 5; i++) {
      const byte = this.buffer[this.#take(1)]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
    throw new MalformedRequest('A varint has more than 5 bytes');
  }

  string(): string {
    const value = this.nullableString();
    if (value === null) throw new MalformedRequest('A non-nullable string is null');
    return value;
  }

  nullableString(): string | null {
    const length = this.isFlexible ? this.unsignedVarint() - 1 : this.int16();
    if (length < 0) return null;
    const at = this.#take(length);
    return this.buffer.toString('utf8', at, at + length);
  }

  /** Returns a view into the request. */
  bytes(): Buffer {
    return this.nullableBytes() ?? Buffer.alloc(0);
  }

  nullableBytes(): Buffer | null {
    const length = this.isFlexible ? this.unsignedVarint() - 1 : this.int32();
    if (length < 0) return null;
    const at = this.#take(length);
    return this.buffer.subarray(at, at + length);
  }

  array<T>(item: () => T): T[] {
    return this.nullableArray(item) ?? [];
  }

  nullableArray<T>(item: () => T): T[] | null {
    const count = this.isFlexible ? this.unsignedVarint() - 1 : this.int32();
    if (count < 0) return null;
    if (count > this.remaining) {
      throw new MalformedRequest(`An array of ${count} items in ${this.remaining} bytes`);
    }
    const items: T[] = [];
    for (let i = 0; i < count; i++) items.push(item());
    return items;
  }

  /** Skips tagged fields. This broker uses none. */
  tags(): void {
    if (!this.isFlexible) return;
    for (let count = this.unsignedVarint(); count > 0; count--) {
      this.unsignedVarint();
      this.#take(this.unsignedVarint());
    }
  }

  #take(length: number): number {
    const at = this.position;
    if (length < 0 || at + length > this.buffer.length) {
      throw new MalformedRequest(`The request ends ${at + length - this.buffer.length} bytes too early`);
    }
    this.position = at + length;
    return at;
  }
}
