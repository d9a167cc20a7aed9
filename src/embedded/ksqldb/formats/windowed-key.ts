/** Keys of windowed tables and streams as Kafka Streams writes them: the key's bytes, then the window's bounds. */

export interface SplitKey {
  /** The key's own bytes: a view, not a copy. */
  readonly key: Buffer;
  /** Milliseconds. */
  readonly start: number;
  /** Milliseconds, inclusive; for sessions only. */
  readonly end?: number;
}

/** `key ++ int64 start`: the key of a time window. A null key has no bytes of its own. */
export function wrapTimeWindow(key: Buffer | null, start: number): Buffer {
  const length = key?.length ?? 0;
  const bytes = Buffer.allocUnsafe(length + 8);
  key?.copy(bytes, 0);
  writeMillis(bytes, start, length);
  return bytes;
}

/** `key ++ int64 end ++ int64 start`: the key of a session. */
export function wrapSession(key: Buffer | null, start: number, end: number): Buffer {
  const length = key?.length ?? 0;
  const bytes = Buffer.allocUnsafe(length + 16);
  key?.copy(bytes, 0);
  writeMillis(bytes, end, length);
  writeMillis(bytes, start, length + 8);
  return bytes;
}

/** Null for bytes too short to hold a window. */
export function splitTimeWindow(bytes: Buffer): SplitKey | null {
  const length = bytes.length - 8;
  return length < 0 ? null : { key: bytes.subarray(0, length), start: readMillis(bytes, length) };
}

/** Null for bytes too short to hold a session's bounds. */
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

// A window's bound is a time; as a double it is exact for 285,000 years.
function writeMillis(bytes: Buffer, millis: number, at: number): void {
  const high = Math.floor(millis / 0x1_0000_0000);
  bytes.writeInt32BE(high, at);
  bytes.writeUInt32BE(millis - high * 0x1_0000_0000, at + 4);
}

function readMillis(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4);
}
