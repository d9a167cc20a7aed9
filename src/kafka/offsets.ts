/** What a broker retains of one partition. */
export interface PartitionOffsets {
  /** The first offset that the broker still has. */
  readonly low: bigint;
  /** One past the last offset. */
  readonly high: bigint;
}

/** Offsets by partition. */
export type TopicOffsets = ReadonlyMap<number, PartitionOffsets>;

/** Counts the offsets that the broker retains. Transaction markers count as records. */
export function retainedRecords(offsets: TopicOffsets): bigint {
  let total = 0n;
  for (const { low, high } of offsets.values()) total += high - low;
  return total;
}

/**
 * Counts the records from a position in each partition to its end.
 *
 * @param positions next offset by partition; negative when there is none, as in ListOffsets and OffsetFetch
 */
export function recordsAfter(positions: ReadonlyMap<number, bigint>, offsets: TopicOffsets): bigint {
  let lag = 0n;
  for (const [partition, position] of positions) {
    const end = offsets.get(partition)?.high ?? 0n;
    if (position >= 0n && end > position) lag += end - position;
  }
  return lag;
}
