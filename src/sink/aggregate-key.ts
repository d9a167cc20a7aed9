/** The key of a PAYMENT-TRX-AGGR record. */
export interface AggregateKey {
  readonly customerId: bigint;
  /** Start of the window, epoch milliseconds; `null` if the key has none. */
  readonly windowStart: bigint | null;
}

const KEY_BYTES = 8;
const WINDOWED_KEY_BYTES = 16;

/**
 * Reads a key: a BIGINT in ksqlDB's KAFKA format (8 bytes, big-endian), followed by the window's start as 8 bytes
 * if the table is windowed. Undefined if it is neither.
 */
export function decodeAggregateKey(key: Buffer | null): AggregateKey | undefined {
  if (key?.length === KEY_BYTES) return { customerId: key.readBigInt64BE(0), windowStart: null };
  if (key?.length === WINDOWED_KEY_BYTES) {
    return { customerId: key.readBigInt64BE(0), windowStart: key.readBigInt64BE(KEY_BYTES) };
  }
  return undefined;
}
