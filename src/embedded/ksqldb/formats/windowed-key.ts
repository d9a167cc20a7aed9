/** Encodes and decodes windowed keys like Kafka Streams: the bytes of the key, then the bounds of the window. */

export interface SplitKey {
  /** The bytes of the key: a view, not a copy. */
  readonly key: Buffer;
  /** The start of the window, in milliseconds since the epoch. */
  readonly start: number;
  /** The inclusive end in milliseconds since the epoch, for sessions only. */
  readonly end?: number;
}

/** Encodes the key of a time window as `key ++ int64 start`. A null key has no bytes. */
export function wrapTimeWindow(key: Buffer | null, start: number): Buffer {
  const length = key?.length ?? 0;
  const bytes = Buffer.allocUnsafe(length + 8);
  key?.copy(bytes, 0);
  writeMillis(bytes, start, length);
  return bytes;
}

/** Encodes the key of a session as `key ++ int64 end ++ int64 start`. */
export function wrapSession(key: Buffer | null, start: number, end: number): Buffer {
  const length = key?.length ?? 0;
  const bytes = Buffer.allocUnsafe(length + 16);
  key?.copy(bytes, 0);
  writeMillis(bytes, end, length);
  writeMillis(bytes, start, length + 8);
  return bytes;
}

/** Returns null if the bytes are too short for a window. */
export function splitTimeWindow(bytes: Buffer): SplitKey | null {
  const length = bytes.length - 8;
  return length < 0 ? null : { key: bytes.subarray(0, length), start: readMillis(bytes, length) };
}

/** Returns null if the bytes are too short for the bounds of a session. */
export function splitSession(bytes: Buffer): SplitKey | null {
  const length = bytes.length - 16;
  return length < 0
    ? null
    : {
        key: bytes.subarray(0, length),
        end: readMillis(bytes, length),
        start: readMillis(bytes, length + 8),
      };
}

// The bounds of a window are times, which are exact as doubles for 285,000 years.
function writeMillis(bytes: Buffer, millis: number, at: number): void {
  const high = Math.floor(millis / 0x1_0000_0000);
  bytes.writeInt32BE(high, at);
  bytes.writeUInt32BE(millis - high * 0x1_0000_0000, at + 4);
}

function readMillis(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4);
}
