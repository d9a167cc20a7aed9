import { Reader } from '../records/reader.js';
import { Writer } from '../records/writer.js';

/**
 * The records of `__consumer_offsets`, in Kafka's format, so that Kafka's tools can read the topic: committed offsets
 * (key version 1, value version 3) and groups (key version 2, value version 3).
 */
export interface CommittedOffset {
  readonly offset: number;
  readonly leaderEpoch: number;
  readonly metadata: string;
  readonly timestamp: number;
}

export interface SavedMember {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rebalanceTimeout: number;
  readonly sessionTimeout: number;
  readonly subscription: Buffer;
  readonly assignment: Buffer;
}

export interface SavedGroup {
  readonly protocolType: string;
  readonly generation: number;
  readonly protocol: string | null;
  readonly leader: string | null;
  readonly timestamp: number;
  readonly members: readonly SavedMember[];
}

export type GroupRecord =
  | {
      readonly kind: 'offset';
      readonly group: string;
      readonly topic: string;
      readonly partition: number;
      readonly value: CommittedOffset | null;
    }
  | { readonly kind: 'group'; readonly group: string; readonly value: SavedGroup | null };

export function encodeOffsetKey(group: string, topic: string, partition: number): Buffer {
  return take(new Writer(false).int16(1).string(group).string(topic).int32(partition));
}

export function encodeOffsetValue(value: CommittedOffset): Buffer {
  return take(
    new Writer(false)
      .int16(3)
      .int64(value.offset)
      .int32(value.leaderEpoch)
      .string(value.metadata)
      .int64(value.timestamp),
  );
}

export function encodeGroupKey(group: string): Buffer {
  return take(new Writer(false).int16(2).string(group));
}

export function encodeGroupValue(group: SavedGroup): Buffer {
  const writer = new Writer(false).int16(3).string(group.protocolType).int32(group.generation);
  writer.string(group.protocol).string(group.leader).int64(group.timestamp);
  writer.array(group.members, (member) => {
    writer
      .string(member.memberId)
      .string(member.instanceId)
      .string(member.clientId)
      .string(member.clientHost);
    writer.int32(member.rebalanceTimeout).int32(member.sessionTimeout);
    writer.bytes(member.subscription).bytes(member.assignment);
  });
  return take(writer);
}

/** Decodes a record. Returns undefined for kinds that this broker does not write. */
export function decodeGroupRecord(key: Buffer, value: Buffer | null): GroupRecord | undefined {
  const reader = new Reader(key, 0, false);
  const version = reader.int16();
  if (version === 0 || version === 1) {
    const group = reader.string();
    const topic = reader.string();
    const partition = reader.int32();
    return { kind: 'offset', group, topic, partition, value: value === null ? null : decodeOffset(value) };
  }
  if (version === 2) {
    const group = reader.string();
    return { kind: 'group', group, value: value === null ? null : decodeGroup(value) };
  }
  return undefined;
}

function decodeOffset(value: Buffer): CommittedOffset {
  const reader = new Reader(value, 2, false);
  const offset = reader.int64();
  const leaderEpoch = reader.int32();
  return { offset, leaderEpoch, metadata: reader.string(), timestamp: reader.int64() };
}

function decodeGroup(value: Buffer): SavedGroup {
  const reader = new Reader(value, 2, false);
  return {
    protocolType: reader.string(),
    generation: reader.int32(),
    protocol: reader.nullableString(),
    leader: reader.nullableString(),
    timestamp: reader.int64(),
    members: reader.array(() => ({
      memberId: reader.string(),
      instanceId: reader.nullableString(),
      clientId: reader.string(),
      clientHost: reader.string(),
      rebalanceTimeout: reader.int32(),
      sessionTimeout: reader.int32(),
      // Copy the views into the batch, because the group outlives it.
      subscription: Buffer.from(reader.bytes()),
      assignment: Buffer.from(reader.bytes()),
    })),
  };
}

function take(writer: Writer): Buffer {
  return Buffer.concat(writer.finish());
}
