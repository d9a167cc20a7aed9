import type { TopicOffsets } from '../kafka/offsets.js';
import type { PartitionClaim } from '../store/index.js';

/** A partition that is assigned to this sink and claimed in the store. */
export interface OwnedPartition {
  readonly claim: PartitionClaim;
  /** The id of the topic when the partition was claimed; null if the broker reports none. */
  readonly topicId: string | null;
  /** The next offset in the store. */
  stored: bigint;
  /** The next offset to read. It is ahead of `stored` after transaction markers, which are not stored. */
  next: bigint;
  /** One past the last record, when the broker last reported it. */
  high: bigint;
  /** The offset last committed to the consumer group. -1 before the first commit. */
  committed: bigint;
  /** When it last made progress or had no lag, in epoch milliseconds. */
  progressAt: number;
}

/** The partitions that this sink owns, with their progress. */
export class Partitions {
  readonly #owned = new Map<number, OwnedPartition>();

  get(partition: number): OwnedPartition | undefined {
    return this.#owned.get(partition);
  }

  /** The id of the topic that the partitions belong to; null if it is not known. */
  topicId(): string | null {
    for (const { topicId } of this.#owned.values()) return topicId;
    return null;
  }

  own(partition: number, owned: OwnedPartition): void {
    this.#owned.set(partition, owned);
  }

  clear(): void {
    this.#owned.clear();
  }

  /** Records left to read, by partition. */
  lag(): ReadonlyMap<number, bigint> {
    return new Map(
      [...this.#owned].map(([id, { next, high }]) => [id, high > next ? high - next : 0n] as const),
    );
  }

  /** The next offset in the store, by partition. */
  positions(): ReadonlyMap<number, bigint> {
    return new Map([...this.#owned].map(([id, { stored }]) => [id, stored] as const));
  }

  /** Stored offsets that are not committed to the group yet, by partition. */
  uncommitted(): ReadonlyMap<number, bigint> {
    return new Map(
      [...this.#owned]
        .filter(([, { stored, committed }]) => stored !== committed)
        .map(([id, { stored }]) => [id, stored]),
    );
  }

  committed(offsets: ReadonlyMap<number, bigint>): void {
    for (const [id, offset] of offsets) {
      const owned = this.#owned.get(id);
      if (owned !== undefined) owned.committed = offset;
    }
  }

  /** Updates the end offsets with those that the broker reports. */
  heard(offsets: TopicOffsets): void {
    for (const [id, { high }] of offsets) {
      const owned = this.#owned.get(id);
      if (owned === undefined) continue;
      if (high > owned.high) owned.high = high;
      if (owned.next >= owned.high) owned.progressAt = Date.now();
    }
  }

  /** Returns the partitions that have lag and have made no progress for `forMs` milliseconds. */
  stalled(forMs: number): readonly number[] {
    const now = Date.now();
    return [...this.#owned]
      .filter(([, { next, high, progressAt }]) => high > next && now - progressAt > forMs)
      .map(([id]) => id);
  }
}
