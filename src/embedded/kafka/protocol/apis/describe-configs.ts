/**
 * DescribeConfigs (key 32), versions 0 to 4, flexible from 4.
 *
 * - Topics (type 2) with every config and its source, defaults included; brokers (type 4) with what matters here.
 * - Other resource types: INVALID_REQUEST. Documentation texts are left out.
 */

import { KafkaError } from '../../errors/error-codes.js';
import type { Api, ApiRequest, Reply } from '../api.js';
import { brokerEntries, type ConfigEntry, configEntries, configSources } from '../config-entries.js';

const topicResource = 2;
const brokerResource = 4;

export const describeConfigs: Api = {
  key: 32,
  name: 'DescribeConfigs',
  versions: [0, 4],
  flexibleFrom: 4,
  handle,
};

function handle(request: ApiRequest): Reply {
  const { reader, version } = request;
  const resources = reader.array(() => {
    const resource = {
      type: reader.int8(),
      name: reader.string(),
      keys: reader.nullableArray(() => reader.string()),
    };
    reader.tags();
    return resource;
  });
  const includeSynonyms = version >= 1 ? reader.boolean() : false;
  const answers = resources.map(({ type, name, keys }) => {
    try {
      const all = entriesOf(request, type, name);
      const entries = keys === null ? all : all.filter((entry) => keys.includes(entry.name));
      return { type, name, code: 0, message: null, entries };
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      return { type, name, code: error.errorCode, message: error.message, entries: [] };
    }
  });
  return (writer) => {
    writer.int32(0);
    writer.array(answers, ({ type, name, code, message, entries }) => {
      writer.int16(code).string(message).int8(type).string(name);
      writer.array(entries, (entry) => {
        writer.string(entry.name).string(entry.value).boolean(entry.isReadOnly);
        if (version === 0) writer.boolean(entry.source === configSources.default);
        else writer.int8(entry.source);
        writer.boolean(false);
        if (version >= 1) {
          writer.array(includeSynonyms ? [entry] : [], (synonym) => {
            writer.string(synonym.name).string(synonym.value).int8(synonym.source).tags();
          });
        }
        if (version >= 3) writer.int8(entry.type).string(null);
        writer.tags();
      });
      writer.tags();
    });
    writer.tags();
  };
}

function entriesOf({ broker }: ApiRequest, type: number, name: string): readonly ConfigEntry[] {
  if (type === topicResource) {
    const topic = broker.store.topic(name);
    if (topic === undefined) {
      throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `The topic '${name}' does not exist.`);
    }
    return configEntries(topic.configs);
  }
  if (type === brokerResource) {
    if (name !== '' && name !== String(broker.nodeId)) {
      throw new KafkaError(
        'INVALID_REQUEST',
        `Unexpected broker id, expected ${broker.nodeId}, but received ${name}`,
      );
    }
    return brokerEntries(broker);
  }
  throw new KafkaError('INVALID_REQUEST', `Unsupported resource type: ${type}`);
}
