/** The key of a PAYMENT-TRX-AGGR record. */
export interface AggregateKey {
  readonly customerId: bigint;
  /** Start of the window in epoch milliseconds; null for a table without windows. */
  readonly windowStart: bigint | null;
}

const KEY_BYTES = 8;
const WINDOWED_KEY_BYTES = 16;

/**
 * Decodes a key: a BIGINT in ksqlDB's KAFKA format (8 bytes, big-endian). In a windowed table the start of the
 * window follows as 8 bytes. Returns undefined for any other key.
 */
export function decodeAggregateKey(key: Buffer | null): AggregateKey | undefined {
  if (key?.length === KEY_BYTES) return { customerId: key.readBigInt64BE(0), windowStart: null };
  if (key?.length === WINDOWED_KEY_BYTES) {
    return { customerId: key.readBigInt64BE(0), windowStart: key.readBigInt64BE(KEY_BYTES) };
  }
  return undefined;
}
