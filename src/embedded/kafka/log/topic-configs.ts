import { KafkaError } from '../errors/error-codes.js';

type ConfigType = 'boolean' | 'string' | 'int' | 'long' | 'double' | 'list';

interface ConfigDefinition {
  readonly type: ConfigType;
  readonly default: string;
  readonly min?: number;
  readonly max?: number;
  readonly allowed?: readonly string[];
}

const maxLong = '9223372036854775807';
const maxInt = 2147483647;

/**
 * Every topic config of Kafka with its default (https://kafka.apache.org/documentation/#topicconfigs).
 * `message.timestamp.after.max.ms` has the default of Kafka 4 (an hour).
 */
export const topicConfigDefinitions: Readonly<Record<string, ConfigDefinition>> = {
  'cleanup.policy': { type: 'list', default: 'delete', allowed: ['compact', 'delete'] },
  'compression.gzip.level': { type: 'int', default: '-1', min: -1, max: 9 },
  'compression.lz4.level': { type: 'int', default: '9', min: 1, max: 17 },
  'compression.type': {
    type: 'string',
    default: 'producer',
    allowed: ['uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'],
  },
  'compression.zstd.level': { type: 'int', default: '3', min: -131072, max: 22 },
  'delete.retention.ms': { type: 'long', default: '86400000', min: 0 },
  'file.delete.delay.ms': { type: 'long', default: '60000', min: 0 },
  'flush.messages': { type: 'long', default: maxLong, min: 1 },
  'flush.ms': { type: 'long', default: maxLong, min: 0 },
  'follower.replication.throttled.replicas': { type: 'list', default: '' },
  'index.interval.bytes': { type: 'int', default: '4096', min: 0, max: maxInt },
  'leader.replication.throttled.replicas': { type: 'list', default: '' },
  'local.retention.bytes': { type: 'long', default: '-2', min: -2 },
  'local.retention.ms': { type: 'long', default: '-2', min: -2 },
  'max.compaction.lag.ms': { type: 'long', default: maxLong, min: 1 },
  'max.message.bytes': { type: 'int', default: '1048588', min: 0, max: maxInt },
  'message.downconversion.enable': { type: 'boolean', default: 'true' },
  'message.format.version': { type: 'string', default: '3.0-IV1' },
  'message.timestamp.after.max.ms': { type: 'long', default: '3600000', min: 0 },
  'message.timestamp.before.max.ms': { type: 'long', default: maxLong, min: 0 },
  'message.timestamp.difference.max.ms': { type: 'long', default: maxLong, min: 0 },
  'message.timestamp.type': {
    type: 'string',
    default: 'CreateTime',
    allowed: ['CreateTime', 'LogAppendTime'],
  },
  'min.cleanable.dirty.ratio': { type: 'double', default: '0.5', min: 0, max: 1 },
  'min.compaction.lag.ms': { type: 'long', default: '0', min: 0 },
  'min.insync.replicas': { type: 'int', default: '1', min: 1, max: maxInt },
  preallocate: { type: 'boolean', default: 'false' },
  'remote.log.copy.disable': { type: 'boolean', default: 'false' },
  'remote.log.delete.on.disable': { type: 'boolean', default: 'false' },
  'remote.storage.enable': { type: 'boolean', default: 'false' },
  'retention.bytes': { type: 'long', default: '-1', min: -1 },
  'retention.ms': { type: 'long', default: '604800000', min: -1 },
  'segment.bytes': { type: 'int', default: '1073741824', min: 14, max: maxInt },
  'segment.index.bytes': { type: 'int', default: '10485760', min: 4, max: maxInt },
  'segment.jitter.ms': { type: 'long', default: '0', min: 0 },
  'segment.ms': { type: 'long', default: '604800000', min: 1 },
  'unclean.leader.election.enable': { type: 'boolean', default: 'false' },
};

/** Validates a config. Throws KafkaError INVALID_CONFIG for an unknown name or an invalid value. */
export function checkTopicConfig(name: string, value: string): void {
  const definition = topicConfigDefinitions[name];
  if (definition === undefined || !Object.hasOwn(topicConfigDefinitions, name)) {
    throw new KafkaError('INVALID_CONFIG', `Unknown topic config name: ${name}`);
  }
  const refuse = (why: string): never => {
    throw new KafkaError('INVALID_CONFIG', `Invalid value ${value} for configuration ${name}: ${why}`);
  };
  const text = value.trim();
  switch (definition.type) {
    case 'boolean':
      if (text.toLowerCase() !== 'true' && text.toLowerCase() !== 'false') {
        refuse('Expected value to be either true or false');
      }
      break;
    case 'int':
    case 'long':
    case 'double': {
      const isNumber =
        definition.type === 'double' ? Number.isFinite(Number(text)) && text !== '' : isWholeNumber(text);
      if (!isNumber) refuse(`Not a number of type ${definition.type.toUpperCase()}`);
      const number = Number(text);
      if (definition.min !== undefined && number < definition.min) {
        refuse(`Value must be at least ${definition.min}`);
      }
      if (definition.max !== undefined && number > definition.max) {
        refuse(`Value must be no more than ${definition.max}`);
      }
      break;
    }
    case 'string':
      if (definition.allowed !== undefined && !definition.allowed.includes(text)) {
        refuse(`String must be one of: ${definition.allowed.join(', ')}`);
      }
      break;
    case 'list':
      for (const item of text.split(',').map((part) => part.trim())) {
        if (definition.allowed !== undefined && !definition.allowed.includes(item)) {
          refuse(`String must be one of: ${definition.allowed.join(', ')}`);
        }
      }
      break;
  }
}

function isWholeNumber(text: string): boolean {
  if (text === '') return false;
  try {
    const number = BigInt(text);
    return number <= BigInt(maxLong) && number >= -BigInt(maxLong) - 1n;
  } catch {
    return false;
  }
}

/** A topic's configs: its overrides, and Kafka's defaults for the rest. Numbers are parsed once, for hot paths. */
export class TopicConfigs {
  /** The configs set on the topic itself. */
  readonly overrides: Readonly<Record<string, string>>;
  readonly isCompacted: boolean;
  readonly isDeleted: boolean;
  readonly maxMessageBytes: number;
  readonly usesAppendTime: boolean;
  readonly timestampBeforeMaxMs: number;
  readonly timestampAfterMaxMs: number;
  readonly retentionMs: number;
  readonly retentionBytes: number;
  readonly segmentBytes: number;
  readonly segmentMs: number;
  readonly deleteRetentionMs: number;
  readonly minCompactionLagMs: number;
  readonly maxCompactionLagMs: number;
  readonly minCleanableDirtyRatio: number;
  readonly indexIntervalBytes: number;

  constructor(overrides: Readonly<Record<string, string>>) {
    for (const [name, value] of Object.entries(overrides)) checkTopicConfig(name, value);
    this.overrides = overrides;
    const policies = this.get('cleanup.policy')!
      .split(',')
      .map((policy) => policy.trim());
    this.isCompacted = policies.includes('compact');
    this.isDeleted = policies.includes('delete');
    this.maxMessageBytes = this.#number('max.message.bytes');
    this.usesAppendTime = this.get('message.timestamp.type') === 'LogAppendTime';
    this.timestampBeforeMaxMs = Math.min(
      this.#number('message.timestamp.before.max.ms'),
      this.#number('message.timestamp.difference.max.ms'),
    );
    this.timestampAfterMaxMs = Math.min(
      this.#number('message.timestamp.after.max.ms'),
      this.#number('message.timestamp.difference.max.ms'),
    );
    this.retentionMs = this.#number('retention.ms');
    this.retentionBytes = this.#number('retention.bytes');
    this.segmentBytes = this.#number('segment.bytes');
    this.segmentMs = this.#number('segment.ms');
    this.deleteRetentionMs = this.#number('delete.retention.ms');
    this.minCompactionLagMs = this.#number('min.compaction.lag.ms');
    this.maxCompactionLagMs = this.#number('max.compaction.lag.ms');
    this.minCleanableDirtyRatio = this.#number('min.cleanable.dirty.ratio');
    this.indexIntervalBytes = this.#number('index.interval.bytes');
  }

  /** The effective value; undefined if there is no topic config of this name. */
  get(name: string): string | undefined {
    return this.overrides[name] ?? topicConfigDefinitions[name]?.default;
  }

  #number(name: string): number {
    return Number(this.get(name));
  }
}
