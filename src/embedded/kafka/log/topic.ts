import type { PartitionLog } from './partition-log.js';
import type { TopicConfigs } from './topic-configs.js';

/** A topic and its partitions. Only its LogStore changes it. */
export class Topic {
  readonly name: string;
  /** 16 bytes as 32 hex digits. */
  readonly id: string;
  partitions: readonly PartitionLog[];
  configs: TopicConfigs;

  constructor(name: string, id: string, partitions: readonly PartitionLog[], configs: TopicConfigs) {
    this.name = name;
    this.id = id;
    this.partitions = partitions;
    this.configs = configs;
  }

  get isInternal(): boolean {
    return this.name === '__consumer_offsets' || this.name === '__transaction_state';
  }
}

const longestName = 249;

/** Explains why a topic name is invalid; undefined if it is valid. */
export function topicNameProblem(name: string): string | undefined {
  if (name === '') return "Topic name is illegal, it can't be empty";
  if (name === '.' || name === '..') return 'Topic name cannot be "." or ".."';
  if (name.length > longestName) {
    return `Topic name is illegal, it can't be longer than ${longestName} characters, topic name: ${name}`;
  }
  if (!/^[a-zA-Z0-9._-]+$/.test(name)) {
    return `Topic name "${name}" is illegal, it contains a character other than ASCII alphanumerics, '.', '_' and '-'`;
  }
  return undefined;
}
