/**
 * AlterConfigs (key 33), versions 0 to 2, flexible from 2.
 *
 * - Replaces all that is set on a topic. A null value is INVALID_CONFIG. Brokers: INVALID_REQUEST.
 */

import { KafkaError } from '../../errors/error-codes.js';
import { alterAnswers, topicOf } from '../alter-config.js';
import type { Api, ApiRequest, Reply } from '../api.js';

export const alterConfigs: Api = { key: 33, name: 'AlterConfigs', versions: [0, 2], flexibleFrom: 2, handle };

function handle({ reader, broker }: ApiRequest): Reply {
  const resources = reader.array(() => {
    const type = reader.int8();
    const name = reader.string();
    const configs = reader.array(() => {
      const config = { name: reader.string(), value: reader.nullableString() };
      reader.tags();
      return config;
    });
    reader.tags();
    return { type, name, configs };
  });
  const validateOnly = reader.boolean();
  return alterAnswers(resources, ({ type, name, configs }) => {
    topicOf(broker.store, type, name);
    const overrides: Record<string, string> = {};
    for (const config of configs) {
      if (config.value === null) {
        throw new KafkaError('INVALID_CONFIG', `Null value not supported for : ${config.name}`);
      }
      overrides[config.name] = config.value;
    }
    broker.store.configureTopic(name, overrides, validateOnly);
  });
}
