import type { TopicOffsets } from '../kafka/offsets.js';
import type { PartitionClaim } from '../store/index.js';

/** A partition that this sink owns. */
export interface OwnedPartition {
  readonly claim: PartitionClaim;
  /** The next offset as the store has it. */
  stored: bigint;
  /** The next offset to be read: ahead of `stored` after markers, which are not stored. */
  next: bigint;
  /** One past the last record, as last heard. */
  high: bigint;
  /** `stored` as last told to Kafka's group. */
  committed: bigint;
  /** When it last moved on, or had nothing to do. */
  progressAt: number;
}

/** The partitions that this sink owns now, and how they get on. */
export class Partitions {
  readonly #owned = new Map<number, OwnedPartition>();

  get(partition: number): OwnedPartition | undefined {
    return this.#owned.get(partition);
  }

  own(partition: number, owned: OwnedPartition): void {
    this.#owned.set(partition, owned);
  }

  clear(): void {
    this.#owned.clear();
  }

  lag(): ReadonlyMap<number, bigint> {
    return new Map(
      [...this.#owned].map(([id, { next, high }]) => [id, high > next ? high - next : 0n] as const),
    );
  }

  positions(): ReadonlyMap<number, bigint> {
    return new Map([...this.#owned].map(([id, { stored }]) => [id, stored] as const));
  }

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

  /** Takes note of what the broker has. */
  heard(offsets: TopicOffsets): void {
    for (const [id, { high }] of offsets) {
      const owned = this.#owned.get(id);
      if (owned === undefined) continue;
      if (high > owned.high) owned.high = high;
      if (owned.next >= owned.high) owned.progressAt = Date.now();
    }
  }

  /** Partitions with lag that have not moved for so long. */
  stalled(forMs: number): readonly number[] {
    const now = Date.now();
    return [...this.#owned]
      .filter(([, { next, high, progressAt }]) => high > next && now - progressAt > forMs)
      .map(([id]) => id);
  }
}
