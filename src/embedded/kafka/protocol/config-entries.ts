import { type TopicConfigs, topicConfigDefinitions } from '../log/topic-configs.js';

export interface ConfigEntry {
  readonly name: string;
  readonly value: string | null;
  readonly source: number;
  readonly type: number;
  readonly isReadOnly: boolean;
}

/** DescribeConfigsResponse.ConfigSource */
export const configSources = { topic: 1, staticBroker: 4, default: 5 } as const;

const types = { boolean: 1, string: 2, int: 3, short: 4, long: 5, double: 6, list: 7 } as const;

/** A topic's configs, including defaults, sorted by name. */
export function configEntries(configs: TopicConfigs): readonly ConfigEntry[] {
  return Object.keys(topicConfigDefinitions).map((name) => ({
    name,
    value: configs.get(name)!,
    source: Object.hasOwn(configs.overrides, name) ? configSources.topic : configSources.default,
    type: types[topicConfigDefinitions[name]!.type],
    isReadOnly: false,
  }));
}

/** The broker's own configs. They cannot change while it runs. */
export function brokerEntries(broker: {
  readonly nodeId: number;
  readonly autoCreateTopics: boolean;
  readonly defaultPartitions: number;
  readonly store: { readonly dataDir: string | null };
}): readonly ConfigEntry[] {
  const entry = (name: string, value: string, type: number): ConfigEntry => ({
    name,
    value,
    source: configSources.staticBroker,
    type,
    isReadOnly: true,
  });
  return [
    entry('auto.create.topics.enable', String(broker.autoCreateTopics), types.boolean),
    entry('broker.id', String(broker.nodeId), types.int),
    entry('default.replication.factor', '1', types.int),
    entry('log.dirs', broker.store.dataDir ?? 'memory', types.string),
    entry('message.max.bytes', topicConfigDefinitions['max.message.bytes']!.default, types.int),
    entry('min.insync.replicas', '1', types.int),
    entry('node.id', String(broker.nodeId), types.int),
    entry('num.partitions', String(broker.defaultPartitions), types.int),
    entry('offsets.topic.replication.factor', '1', types.short),
    entry('transaction.state.log.replication.factor', '1', types.short),
  ];
}
