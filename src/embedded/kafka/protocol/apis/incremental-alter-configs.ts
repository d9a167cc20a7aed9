/**
 * IncrementalAlterConfigs (key 44), versions 0 to 1, flexible from 1.
 *
 * - SET, DELETE, and for lists (cleanup.policy) APPEND and SUBTRACT. Brokers: INVALID_REQUEST.
 */

import { KafkaError } from '../../errors/error-codes.js';
import { topicConfigDefinitions } from '../../log/topic-configs.js';
import { alterAnswers, topicOf } from '../alter-config.js';
import type { Api, ApiRequest, Reply } from '../api.js';

const set = 0;
const remove = 1;
const append = 2;
const subtract = 3;

export const incrementalAlterConfigs: Api = {
  key: 44,
  name: 'IncrementalAlterConfigs',
  versions: [0, 1],
  flexibleFrom: 1,
  handle,
};

function handle({ reader, broker }: ApiRequest): Reply {
  const resources = reader.array(() => {
    const type = reader.int8();
    const name = reader.string();
    const changes = reader.array(() => {
      const change = { name: reader.string(), operation: reader.int8(), value: reader.nullableString() };
      reader.tags();
      return change;
    });
    reader.tags();
    return { type, name, changes };
  });
  const validateOnly = reader.boolean();
  return alterAnswers(resources, ({ type, name, changes }) => {
    const topic = topicOf(broker.store, type, name);
    const overrides: Record<string, string> = { ...topic.configs.overrides };
    for (const change of changes) {
      if (change.operation === remove) {
        delete overrides[change.name];
        continue;
      }
      if (change.value === null) {
        throw new KafkaError('INVALID_CONFIG', `Null value not supported for : ${change.name}`);
      }
      if (change.operation === set) {
        overrides[change.name] = change.value;
        continue;
      }
      const current = overrides[change.name] ?? topic.configs.get(change.name);
      overrides[change.name] = changeList(change.name, current, change.operation, change.value);
    }
    broker.store.configureTopic(name, overrides, validateOnly);
  });
}

function changeList(name: string, current: string | undefined, operation: number, value: string): string {
  if (topicConfigDefinitions[name]?.type !== 'list' || (operation !== append && operation !== subtract)) {
    throw new KafkaError('INVALID_REQUEST', `Config ${name} does not allow operation ${operation}`);
  }
  const items = (current ?? '').split(',').filter((item) => item !== '');
  const changed = value.split(',');
  return operation === append
    ? [...new Set([...items, ...changed])].join(',')
    : items.filter((item) => !changed.includes(item)).join(',');
}
