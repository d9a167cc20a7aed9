import type { KafkaErrorName } from '../errors/error-codes.js';
import type { LogStore } from '../log/log-store.js';
import type { PartitionLog } from '../log/partition-log.js';
import { controlType } from '../log/producer-states.js';
import { encodeBatch, type RecordToEncode } from '../records/encode-batch.js';
import { batches } from '../records/record-batch.js';
import { Group } from './group.js';
import {
  type CommittedOffset,
  decodeGroupRecord,
  encodeGroupKey,
  encodeGroupValue,
  encodeOffsetKey,
  encodeOffsetValue,
} from './group-records.js';
import type { GroupHost, JoinRequest, JoinResult } from './group-types.js';

export interface GroupSettings {
  /** How long an empty group waits for more members before its first generation (Kafka's default: 3 s). */
  readonly initialRebalanceDelayMs: number;
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  /** How long the committed offsets of a group without members are kept. */
  readonly offsetsRetentionMs: number;
}

export const defaultGroupSettings: GroupSettings = {
  initialRebalanceDelayMs: 0,
  minSessionTimeoutMs: 6_000,
  maxSessionTimeoutMs: 1_800_000,
  offsetsRetentionMs: 7 * 24 * 3600 * 1000,
};

export interface OffsetToCommit {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly leaderEpoch: number;
  readonly metadata: string;
}

export interface FetchedOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly leaderEpoch: number;
  readonly metadata: string;
  readonly error?: KafkaErrorName;
}

/** The producer of a transaction that commits offsets. */
export interface TransactionalProducer {
  readonly producerId: number;
  readonly producerEpoch: number;
}

export const offsetsTopic = '__consumer_offsets';
export const offsetsPartition = 0;
const longestMetadata = 4096;

/** Coordinates all consumer groups, and persists them in `__consumer_offsets`. */
export class GroupCoordinator implements GroupHost {
  readonly #store: LogStore;
  readonly #settings: GroupSettings;
  readonly #groups = new Map<string, Group>();
  readonly #stopListening: () => void;

  constructor(store: LogStore, settings: GroupSettings = defaultGroupSettings) {
    this.#store = store;
    this.#settings = settings;
    this.#load();
    this.#stopListening = store.onTopicChange((topic, kind) => {
      if (kind === 'deleted') this.#forgetTopic(topic);
    });
  }

  get initialRebalanceDelayMs(): number {
    return this.#settings.initialRebalanceDelayMs;
  }

  now(): number {
    return Date.now();
  }

  async join(groupId: string, request: JoinRequest): Promise<JoinResult> {
    const failed = (error: KafkaErrorName): JoinResult => ({
      error,
      generation: -1,
      protocolType: null,
      protocol: null,
      leader: '',
      memberId: request.memberId,
      members: [],
    });
    if (groupId === '') return failed('INVALID_GROUP_ID');
    const { minSessionTimeoutMs, maxSessionTimeoutMs } = this.#settings;
    if (request.sessionTimeout < minSessionTimeoutMs || request.sessionTimeout > maxSessionTimeoutMs) {
      return failed('INVALID_SESSION_TIMEOUT');
    }
    const known = this.#groups.get(groupId);
    if (known === undefined && request.memberId !== '') return failed('UNKNOWN_MEMBER_ID');
    return (known ?? this.#create(groupId)).join(request);
  }

  group(groupId: string): Group | undefined {
    return this.#groups.get(groupId);
  }

  groups(): readonly Group[] {
    return [...this.#groups.values()];
  }

  /**
   * Commits offsets. They are durable when this returns. `error` applies to all offsets, `perPartition` to single
   * ones.
   */
  commit(
    groupId: string,
    member: { readonly memberId: string; readonly instanceId: string | null; readonly generation: number },
    offsets: readonly OffsetToCommit[],
    producer?: TransactionalProducer,
  ): { readonly error?: KafkaErrorName; readonly perPartition: readonly (KafkaErrorName | undefined)[] } {
    const all = (error: KafkaErrorName) => ({ error, perPartition: offsets.map(() => error) });
    if (groupId === '') return all('INVALID_GROUP_ID');
    let group = this.#groups.get(groupId);
    if (group === undefined) {
      if (member.generation >= 0 && producer === undefined) return all('ILLEGAL_GENERATION');
      group = this.#create(groupId);
    }
    const { memberId, instanceId, generation } = member;
    const problem = group.checkCommit(memberId, instanceId, generation, producer !== undefined);
    if (problem !== undefined) return all(problem);
    const timestamp = this.now();
    const perPartition = offsets.map(({ topic, partition, metadata }): KafkaErrorName | undefined => {
      if (this.#store.partition(topic, partition) === undefined) return 'UNKNOWN_TOPIC_OR_PARTITION';
      if (Buffer.byteLength(metadata) > longestMetadata) return 'OFFSET_METADATA_TOO_LARGE';
      return undefined;
    });
    const good = offsets.filter((_, i) => perPartition[i] === undefined);
    if (good.length === 0) return { perPartition };
    const log = this.#offsetsLog();
    const records = good.map(
      (offset): RecordToEncode => ({
        key: encodeOffsetKey(groupId, offset.topic, offset.partition),
        value: encodeOffsetValue({ ...offset, timestamp }),
        timestamp,
      }),
    );
    log.append(encodeBatch(records, producer === undefined ? {} : { ...producer, isTransactional: true }));
    const target = producer === undefined ? group.offsets : pendingOf(group, producer.producerId);
    for (const { topic, partition, offset, leaderEpoch, metadata } of good) {
      setOffset(target, topic, partition, { offset, leaderEpoch, metadata, timestamp });
    }
    return { perPartition };
  }

  /** Applies or drops a transaction's pending offsets, after its marker was written. */
  completeTransaction(producerId: number, isCommit: boolean): void {
    for (const group of this.#groups.values()) resolvePending(group, producerId, isCommit);
  }

  /** Returns committed offsets (`wanted` null: all of the group). The offset is -1 if there is none. */
  fetch(
    groupId: string,
    wanted: readonly { readonly topic: string; readonly partitions: readonly number[] }[] | null,
    requireStable: boolean,
  ): readonly FetchedOffset[] {
    const group = this.#groups.get(groupId);
    const list =
      wanted ??
      [...(group?.offsets ?? [])].map(([topic, partitions]) => ({
        topic,
        partitions: [...partitions.keys()],
      }));
    return list.flatMap(({ topic, partitions }) =>
      partitions.map((partition): FetchedOffset => {
        const isPending =
          requireStable &&
          [...(group?.pendingOffsets.values() ?? [])].some((pending) => pending.get(topic)?.has(partition));
        const none = { topic, partition, offset: -1, leaderEpoch: -1, metadata: '' };
        if (isPending) return { ...none, error: 'UNSTABLE_OFFSET_COMMIT' };
        const committed = group?.offsets.get(topic)?.get(partition);
        return committed === undefined ? none : { topic, partition, ...committed };
      }),
    );
  }

  /** Deletes an empty group with its offsets. Returns the error, if any. */
  delete(groupId: string): KafkaErrorName | undefined {
    if (groupId === '') return 'INVALID_GROUP_ID';
    const group = this.#groups.get(groupId);
    if (group === undefined) return 'GROUP_ID_NOT_FOUND';
    if (group.state !== 'Empty') return 'NON_EMPTY_GROUP';
    this.#drop(group);
    return undefined;
  }

  /** Deletes committed offsets of a group. `error` applies to all partitions. */
  deleteOffsets(
    groupId: string,
    partitions: readonly { readonly topic: string; readonly partition: number }[],
  ): { readonly error?: KafkaErrorName; readonly perPartition: readonly (KafkaErrorName | undefined)[] } {
    const group = this.#groups.get(groupId);
    if (group === undefined) return { error: 'GROUP_ID_NOT_FOUND', perPartition: [] };
    if (group.state !== 'Empty' && group.protocolType !== 'consumer') {
      return { error: 'NON_EMPTY_GROUP', perPartition: [] };
    }
    const perPartition = partitions.map(({ topic, partition }): KafkaErrorName | undefined => {
      if (this.#store.partition(topic, partition) === undefined) return 'UNKNOWN_TOPIC_OR_PARTITION';
      return group.isSubscribedTo(topic) ? 'GROUP_SUBSCRIBED_TO_TOPIC' : undefined;
    });
    this.#tombstone(
      group,
      partitions.filter((_, i) => perPartition[i] === undefined),
    );
    return { perPartition };
  }

  /** Deletes groups, with their offsets, that have been empty for longer than the retention. */
  maintain(): void {
    const before = this.now() - this.#settings.offsetsRetentionMs;
    for (const group of this.groups()) {
      if (group.state !== 'Empty' || group.stateSince > before || group.pendingOffsets.size > 0) continue;
      const isFresh = [...group.offsets.values()].some((partitions) =>
        [...partitions.values()].some(({ timestamp }) => timestamp > before),
      );
      if (!isFresh) this.#drop(group);
    }
  }

  save(group: Pick<Group, 'id' | 'saved'>): void {
    const record = {
      key: encodeGroupKey(group.id),
      value: encodeGroupValue(group.saved()),
      timestamp: this.now(),
    };
    this.#offsetsLog().append(encodeBatch([record]));
  }

  close(): void {
    this.#stopListening();
    for (const group of this.#groups.values()) group.clearMembers();
  }

  /** The log of committed offsets. Its topic is created on first use, as in Kafka. */
  #offsetsLog(): PartitionLog {
    const topic =
      this.#store.topic(offsetsTopic) ??
      this.#store.createTopic(offsetsTopic, {
        partitions: 1,
        configs: {
          'cleanup.policy': 'compact',
          'segment.bytes': '16777216',
          'compression.type': 'producer',
        },
      });
    return topic.partitions[offsetsPartition]!;
  }

  #create(groupId: string): Group {
    const group = new Group(groupId, this);
    this.#groups.set(groupId, group);
    return group;
  }

  #drop(group: Group): void {
    this.#groups.delete(group.id);
    group.clearMembers();
    group.state = 'Dead';
    const partitions = [...group.offsets].flatMap(([topic, offsets]) =>
      [...offsets.keys()].map((partition) => ({ topic, partition })),
    );
    this.#tombstone(group, partitions, encodeGroupKey(group.id));
  }

  #tombstone(
    group: Group,
    partitions: readonly { readonly topic: string; readonly partition: number }[],
    groupKey?: Buffer,
  ): void {
    const timestamp = this.now();
    const records: RecordToEncode[] = [];
    for (const { topic, partition } of partitions) {
      if (group.offsets.get(topic)?.delete(partition) !== true) continue;
      if (group.offsets.get(topic)!.size === 0) group.offsets.delete(topic);
      records.push({ key: encodeOffsetKey(group.id, topic, partition), value: null, timestamp });
    }
    if (groupKey !== undefined) records.push({ key: groupKey, value: null, timestamp });
    if (records.length > 0) this.#offsetsLog().append(encodeBatch(records));
  }

  #forgetTopic(topic: string): void {
    for (const group of this.#groups.values()) {
      const partitions = [...(group.offsets.get(topic)?.keys() ?? [])];
      this.#tombstone(
        group,
        partitions.map((partition) => ({ topic, partition })),
      );
      for (const pending of group.pendingOffsets.values()) pending.delete(topic);
    }
  }

  #load(): void {
    const log = this.#store.partition(offsetsTopic, offsetsPartition);
    if (log === undefined) return;
    let offset = log.startOffset;
    while (offset < log.endOffset) {
      const data = log.read(offset, 1024 * 1024);
      if (data.length === 0) break;
      for (const batch of batches(data)) {
        offset = batch.nextOffset;
        if (batch.isControl) {
          const type = controlType(batch);
          if (type !== undefined) this.completeTransaction(batch.producerId, type === 'commit');
          continue;
        }
        const producerId = batch.isTransactional ? batch.producerId : undefined;
        batch.forEachRecord((_offset, _timestamp, key, value) => {
          if (key !== null) this.#apply(key, value, producerId);
        });
      }
    }
    for (const group of this.groups()) group.startTimers();
  }

  #apply(key: Buffer, value: Buffer | null, producerId: number | undefined): void {
    const record = decodeGroupRecord(key, value);
    if (record === undefined) return;
    if (record.kind === 'group') {
      if (record.value === null) this.#groups.delete(record.group);
      else (this.#groups.get(record.group) ?? this.#create(record.group)).restore(record.value);
      return;
    }
    const { topic, partition } = record;
    const group =
      this.#groups.get(record.group) ?? (record.value === null ? undefined : this.#create(record.group));
    if (group === undefined) return;
    const target = producerId === undefined ? group.offsets : pendingOf(group, producerId);
    if (record.value !== null) setOffset(target, topic, partition, record.value);
    else target.get(topic)?.delete(partition);
  }
}

type Offsets = Map<string, Map<number, CommittedOffset>>;

function setOffset(offsets: Offsets, topic: string, partition: number, value: CommittedOffset): void {
  let partitions = offsets.get(topic);
  if (partitions === undefined) {
    partitions = new Map();
    offsets.set(topic, partitions);
  }
  partitions.set(partition, value);
}

function pendingOf(group: Group, producerId: number): Offsets {
  let pending = group.pendingOffsets.get(producerId);
  if (pending === undefined) {
    pending = new Map();
    group.pendingOffsets.set(producerId, pending);
  }
  return pending;
}

function resolvePending(group: Group, producerId: number, isCommit: boolean): void {
  const pending = group.pendingOffsets.get(producerId);
  if (pending === undefined) return;
  group.pendingOffsets.delete(producerId);
  if (!isCommit) return;
  for (const [topic, partitions] of pending) {
    for (const [partition, value] of partitions) setOffset(group.offsets, topic, partition, value);
  }
}
